"""The parameters of a request as they came, before anything is believed of them."""

from collections.abc import Mapping
from dataclasses import dataclass

from idp.foundation.web.protocol import Parameters

_MAY_REPEAT = "resource"


@dataclass(frozen=True, kw_only=True)
class Given:
    """Each parameter's first value, and the names of those that came more than once."""

    parameters: Mapping[str, str]
    repeated: tuple[str, ...] = ()
    resource: tuple[str, ...] = ()
    """The only parameter that may come more than once (RFC 8707 section 2)."""

    @classmethod
    def sent(cls, parameters: Parameters) -> "Given":
        """What a client sent in a query or form."""
        repeated = tuple(name for name in parameters.repeated if name != _MAY_REPEAT)
        resource = tuple(parameters.every(_MAY_REPEAT))
        return cls(parameters=dict(parameters), repeated=repeated, resource=resource)

    @classmethod
    def carried(cls, parameters: Mapping[str, str]) -> "Given":
        """What `carry` made, back again."""
        resource = tuple(parameters.get(_MAY_REPEAT, "").split())
        return cls(parameters=parameters, resource=resource)

    def carry(self) -> dict[str, str]:
        """Every parameter once, as a browser carries it sealed; resources space-separated."""
        resource = {_MAY_REPEAT: " ".join(self.resource)} if self.resource else {}
        return {**self.parameters, **resource}

    def get(self, name: str) -> str | None:
        """A parameter's first value; None without one."""
        return self.parameters.get(name)

    def single(self, name: str) -> str | None:
        """A parameter's value, unless it came more than once."""
        return None if name in self.repeated else self.parameters.get(name)
