"""The product's own errors: what pages and commands raise, and how each is answered.

IdpError                      anything we refuse or could not do
├── Refused                   a rule says no; the reason is a text key a person can act on
│   ├── NotFound              no such thing, or not yours: both look alike
│   ├── NotAllowed            you are known, but this is not yours to do
│   ├── Invalid               what was typed does not hold; `fields` says where
│   └── Throttled             too many tries; `retry_after` says when
├── Unavailable               a part of ours is down; worth trying again
└── ConfigurationError        the settings do not hold; every mistake at once

Protocol endpoints raise Authlib's `OAuth2Error` tree instead; the two are never mixed.
"""

from collections.abc import Mapping
from datetime import timedelta


class IdpError(Exception):
    """Anything we refuse or could not do; ``code`` names the texts ``error.<code>.*``."""

    code = "unexpected"
    status = 500

    def __init__(self, code: str | None = None, **detail: object) -> None:
        self.code = code or self.code
        self.detail = detail
        super().__init__(self.code)


class Refused(IdpError):
    """A rule says no."""

    code = "refused"
    status = 403


class NotFound(Refused):
    """No such thing, or not yours: a stranger cannot tell which."""

    code = "not_found"
    status = 404


class Gone(Refused):
    """It has been, and is no more."""

    code = "gone"
    status = 410


class NotAllowed(Refused):
    """You are known, but this is not yours to do."""

    code = "not_allowed"


class Invalid(Refused):
    """What was given does not hold; ``fields`` maps each field to the code of its reason."""

    code = "invalid"
    status = 422

    def __init__(
        self, fields: Mapping[str, str], code: str | None = None, **detail: object
    ) -> None:
        self.fields = dict(fields)
        super().__init__(code, **detail)


class Throttled(Refused):
    """Too many tries; come back after ``retry_after``."""

    code = "throttled"
    status = 429

    def __init__(self, retry_after: timedelta, code: str | None = None) -> None:
        self.retry_after = retry_after
        super().__init__(code)


class Unavailable(IdpError):
    """A part of ours is down or full; the same request may succeed after ``retry_after``."""

    code = "unavailable"
    status = 503

    def __init__(
        self, code: str | None = None, *, retry_after: timedelta = timedelta(seconds=2)
    ) -> None:
        self.retry_after = retry_after
        super().__init__(code)


class ConfigurationError(IdpError):
    """The settings do not hold; ``problems`` maps each key to what is wrong with it."""

    code = "configuration"

    def __init__(self, problems: Mapping[str, str]) -> None:
        self.problems = dict(problems)
        super().__init__()

    def __str__(self) -> str:
        return "\n".join(f"{key}: {problem}" for key, problem in self.problems.items())
