"""The tabs of 'Käyttäjäprofiili': 'Tiedot' and 'Salasana' (M13)."""

from flask_babel import gettext

from idp.pages.menu import PROFILE

PASSWORD = "/account/profile/password"


def profile_tabs(current: str) -> list[tuple[str, str, bool]]:
    """Text, address and whether it is the one shown."""
    tabs = (("profile.tab.details", PROFILE), ("profile.tab.password", PASSWORD))
    return [(gettext(key), href, href == current) for key, href in tabs]
