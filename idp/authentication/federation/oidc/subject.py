"""What identifies a person upstream for ever, and whose customer the answer is about."""

import re
from collections.abc import Mapping
from typing import Any

from idp.authentication.federation.connection import Connection
from idp.authentication.federation.presets import PRESETS
from idp.authentication.federation.reasons import FederationRefused, Reason

_LONGEST = 255


def subject(connection: Connection, claims: Mapping[str, Any]) -> str:
    """The subject of verified ID token claims: its preset's claims together, a colon between.

    FederationRefused where one is missing, or the answer is about another customer of the product.
    """
    preset = PRESETS[connection.product]
    for claim, value in _required(connection).items():
        if claims.get(claim) != value:
            raise FederationRefused(
                Reason.TENANT_MISMATCH,
                field=claim,
                expected=value,
                received=str(claims.get(claim))[:200],
            )
    parts = [_part(claims, name) for name in preset.subject]
    return ":".join(parts)


def _required(connection: Connection) -> dict[str, str]:
    """The claims that tell one customer of a product from another."""
    preset, document = PRESETS[connection.product], connection.document
    required = {}
    if preset.issuer and preset.issuer_claims:
        found = re.fullmatch(preset.issuer, document["issuer"])
        groups = found.groupdict() if found else {}
        required = {claim: groups[group] for claim, group in preset.issuer_claims.items()}
    if document["hosted_domain"]:
        required["hd"] = document["hosted_domain"]
    return required


def _part(claims: Mapping[str, Any], name: str) -> str:
    value = claims.get(name)
    if not isinstance(value, str) or not 0 < len(value) <= _LONGEST or not value.isprintable():
        raise FederationRefused(Reason.SUBJECT_MISSING, field=name)
    return value
