"""Human-readable fields in several languages: ``client_name#fi`` (RFC 7591 section 2.2)."""

import re
from collections.abc import Mapping
from typing import Any

from idp.clients.metadata.fields import Presentation

LOCALIZED = ("client_name", "client_uri", "logo_uri", "policy_uri", "tos_uri")
_KEY = re.compile(rf"({'|'.join(LOCALIZED)})#[A-Za-z]{{2,8}}(-[A-Za-z0-9]{{1,8}}){{0,3}}")
MOST_LOCALIZED = 50


def split(document: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """The document's fields with a language tag, and the others."""
    tagged = {name: value for name, value in document.items() if _KEY.fullmatch(name)}
    return tagged, {name: value for name, value in document.items() if name not in tagged}


def as_plain(tagged: Mapping[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    """Each tagged field as the plain one whose rules it follows."""
    return [(name, {name.partition("#")[0]: value}) for name, value in tagged.items()]


PLAIN = Presentation
"""What `as_plain` documents are checked as."""
