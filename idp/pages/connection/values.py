"""Our values of a connection, to be copied into the other side's settings: functions of names."""

from collections.abc import Collection
from urllib.parse import urlsplit

Values = tuple[tuple[str, str], ...]
"""``connection.value.<name>`` and the value, in the order in which they are asked for."""


def ours(issuer: str, slug: str, name: str, kind: str) -> Values:
    """What the other side asks of us; every address begins with the issuer."""
    base = f"{issuer}/sso/{slug}/{name}"
    link = ("sso_link", f"{issuer}/sso/{slug}")
    if kind == "kerberos":
        host = urlsplit(issuer).hostname or ""
        return (("spn", f"HTTP/{host}"), ("host", host), link)
    if kind == "saml":
        metadata = f"{base}/metadata"
        return (("entity_id", metadata), ("acs", f"{base}/acs"), ("metadata_url", metadata), link)
    return (("redirect_uri", f"{base}/callback"), link)


def free_name(wanted: str, taken: Collection[str]) -> str:
    """The name itself, or with the first number that makes it another's no longer."""
    numbered = (wanted if number == 1 else f"{wanted}-{number}" for number in range(1, 1000))
    return next(name for name in numbered if name not in taken)
