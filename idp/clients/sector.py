"""The sector that a client says it belongs to, asked for its word (OIDC Registration section 5)."""

import json
from collections.abc import Mapping
from typing import Any

from idp.clients.metadata.validation import BAD_METADATA
from idp.errors import Invalid
from idp.foundation.fetch import Fetcher, FetchError

_LARGEST = 64 * 1024


def check_sector(fetcher: Fetcher, metadata: Mapping[str, Any]) -> None:
    """Fetch the sector's list; Invalid unless it holds every redirect URI of the client's.

    May take seconds: never inside a transaction.
    """
    address = metadata.get("sector_identifier_uri")
    if address is None:
        return
    missing = set(metadata["redirect_uris"]) - set(_listed(fetcher, address))
    if missing:
        raise _invalid(f"does not list {' '.join(sorted(missing))}")


def _listed(fetcher: Fetcher, address: str) -> list[str]:
    try:
        answer = fetcher.get(address, {"Accept": "application/json"}, max_bytes=_LARGEST)
    except FetchError as error:
        raise _invalid(f"could not be fetched: {error}") from error
    if answer.status != 200:
        raise _invalid(f"answered {answer.status}")
    try:
        listed = json.loads(answer.body)
    except (ValueError, RecursionError) as error:
        raise _invalid("is not JSON") from error
    if not isinstance(listed, list) or not all(isinstance(each, str) for each in listed):
        raise _invalid("is not a list of addresses")
    return listed


def _invalid(why: str) -> Invalid:
    return Invalid({"sector_identifier_uri": why}, BAD_METADATA)
