"""The parameters of a request as they came, before anything is believed of them."""

from collections.abc import Mapping
from dataclasses import dataclass

from idp.foundation.web.protocol import Parameters

_MAY_REPEAT = "resource"
_PUSHED, _SIGNED = "request_uri", "request"
"""Where `carry` notes how a request came; a client's own parameters of these names are resolved."""


@dataclass(frozen=True, kw_only=True)
class Given:
    """Each parameter's first value, and the names of those that came more than once."""

    parameters: Mapping[str, str]
    repeated: tuple[str, ...] = ()
    resource: tuple[str, ...] = ()
    """The only parameter that may come more than once (RFC 8707 section 2)."""
    pushed: str | None = None
    """The ``request_uri`` under which it was pushed; None if it was not (RFC 9126)."""
    is_signed: bool = False
    """Whether all of it came in a signed request object (RFC 9101)."""

    @classmethod
    def sent(cls, parameters: Parameters) -> "Given":
        """What a client sent in a query or form."""
        repeated = tuple(name for name in parameters.repeated if name != _MAY_REPEAT)
        resource = tuple(parameters.every(_MAY_REPEAT))
        return cls(parameters=dict(parameters), repeated=repeated, resource=resource)

    @classmethod
    def carried(cls, parameters: Mapping[str, str]) -> "Given":
        """What `carry` made, back again; only for what we sealed ourselves."""
        own = {name: v for name, v in parameters.items() if name not in (_PUSHED, _SIGNED)}
        return cls(
            parameters=own,
            resource=tuple(parameters.get(_MAY_REPEAT, "").split()),
            pushed=parameters.get(_PUSHED),
            is_signed=_SIGNED in parameters,
        )

    def carry(self) -> dict[str, str]:
        """Every parameter once and how they came, to be sealed; resources space-separated."""
        more = {
            _MAY_REPEAT: " ".join(self.resource),
            _PUSHED: self.pushed or "",
            _SIGNED: "signed" if self.is_signed else "",
        }
        return {**self.parameters, **{name: value for name, value in more.items() if value}}

    def get(self, name: str) -> str | None:
        """A parameter's first value; None without one."""
        return self.parameters.get(name)

    def single(self, name: str) -> str | None:
        """A parameter's value, unless it came more than once."""
        return None if name in self.repeated else self.parameters.get(name)
