"""Why a fetch came to nothing."""

from enum import StrEnum

from idp.errors import IdpError


class Reason(StrEnum):
    """What went wrong; names the text that tells an IT person what to do."""

    BAD_URL = "bad_url"
    NOT_HTTPS = "not_https"
    FORBIDDEN_ADDRESS = "forbidden_address"
    UNKNOWN_NAME = "unknown_name"
    UNREACHABLE = "unreachable"
    TLS = "tls"
    TIMEOUT = "timeout"
    REDIRECTED = "redirected"
    ENCODED = "encoded"
    TOO_LARGE = "too_large"
    GARBLED = "garbled"


class FetchError(IdpError):
    """Another service gave no usable answer; says which host and why, never the whole address."""

    code = "fetch_failed"
    status = 502

    def __init__(self, reason: Reason, host: str = "") -> None:
        self.reason = reason
        self.host = host
        super().__init__(reason=reason.value, host=host)

    def __str__(self) -> str:
        return f"{self.code}: {self.reason} ({self.host})"
