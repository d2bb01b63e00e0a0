"""Settings: one frozen, typed tree read from one TOML file and the environment.

An unknown key, a wrong type or a missing file stops every command with all the mistakes at once.
"""

from idp.config.reading import load
from idp.config.settings import (
    LOCALES,
    Lifetimes,
    Mail,
    Passwords,
    Registration,
    Settings,
)

__all__ = ["LOCALES", "Lifetimes", "Mail", "Passwords", "Registration", "Settings", "load"]
