"""A keytab as an administrator gives it: what is wrong with it, and which keys of it count."""

from flask_babel import gettext

from idp.authentication.federation.kerberos import keytab

_NAMES = {
    16: "DES3",
    17: "AES128-SHA1",
    18: "AES256-SHA1",
    19: "AES128-SHA256",
    20: "AES256-SHA384",
    23: "RC4",
}
"""Types of encryption (IANA, Kerberos Encryption Type Numbers)."""


def problem(content: bytes, service: str) -> str | None:
    """Why tickets for ``service`` cannot be opened with it, and what is in it; None: they can."""
    try:
        found = keytab.entries(content)
    except keytab.Unusable:
        return gettext("connection.keytab.unreadable", size=keytab.LARGEST // 1024)
    try:
        keytab.only(content, service)
    except keytab.Unusable:
        told = ", ".join(sorted({_told(each) for each in found})) or "-"
        return gettext("connection.keytab.other", service=service, found=told[:500])
    return None


def counted(content: bytes, service: str) -> list[str]:
    """The types of the keys that count; none where the file has none."""
    try:
        found = keytab.entries(keytab.only(content, service))
    except keytab.Unusable:
        return []
    return sorted({_NAMES[each.etype] for each in found})


def _told(entry: keytab.Entry) -> str:
    return f"{entry.principal} ({_NAMES.get(entry.etype, entry.etype)})"
