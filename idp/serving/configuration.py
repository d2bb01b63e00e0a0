"""Which configuration file is meant."""

import os
from pathlib import Path

DEFAULT = Path("config.toml")


def configuration_file(given: Path | None = None) -> Path | None:
    """The file given, else IDP_CONFIG's, else ./config.toml; None: the environment says it all."""
    named = os.environ.get("IDP_CONFIG")
    if given or named:
        return given or Path(str(named))
    return None if not DEFAULT.exists() and "IDP_ISSUER" in os.environ else DEFAULT
