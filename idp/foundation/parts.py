"""The parts every capability is built from, made once in ``create_app`` and passed on by name."""

from dataclasses import dataclass

from idp.config import Settings
from idp.foundation.database import Database
from idp.foundation.ephemeral import Ephemeral
from idp.foundation.sealed import KeyRing
from idp.foundation.web.cookies import Cookies


@dataclass(frozen=True, kw_only=True)
class Parts:
    """What the foundation gives to the parts above."""

    settings: Settings
    database: Database
    keyring: KeyRing
    ephemeral: Ephemeral
    cookies: Cookies
