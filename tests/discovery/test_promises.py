"""Everything advertised works and everything that works is advertised (OIDC Discovery 1.0)."""

from typing import Any, get_args, get_origin

import pytest

from idp.authorization import paths
from idp.clients.metadata import ClientMetadata
from tests.discovery import (  # noqa: F401
    authorization,
    claims,
    client_authentication,
    endpoints,
    sealed,
    sign_out,
    signatures,
)
from tests.discovery.promises import PROMISES, Promise, Trial
from tests.provider import ISSUER, Provider

REGISTERED = {
    "token_endpoint_auth_method": "token_endpoint_auth_methods_supported",
    "token_endpoint_auth_signing_alg": "token_endpoint_auth_signing_alg_values_supported",
    "grant_types": "grant_types_supported",
    "response_types": "response_types_supported",
    **{
        f"{kind}_{registered}": f"{kind}_{said}_values_supported"
        for kind in ("id_token", "userinfo", "introspection", "authorization")
        for registered, said in (
            ("signed_response_alg", "signing_alg"),
            ("encrypted_response_alg", "encryption_alg"),
            ("encrypted_response_enc", "encryption_enc"),
        )
    },
    "subject_type": "subject_types_supported",
    "default_acr_values": "acr_values_supported",
    "request_object_signing_alg": "request_object_signing_alg_values_supported",
}
"""What a client may register, and the member of our metadata that says which values there are."""
UNSAID = {
    "application_type": "no standard has a member for it",
    "access_token_format": "ours alone",
    "fapi_profile": "ours alone",
}
INTERNAL = {
    paths.AUTHORIZE_RESUME,
    paths.AUTHORIZE_CONSENT,
    paths.DEVICE,
    paths.SIGNED_OUT,
    paths.OPENID_CONFIGURATION,
    paths.OAUTH_METADATA,
    paths.REGISTER,
    paths.REGISTRATIONS,
}
"""Paths that are found in another way than by a member of the metadata, or only where they are on:
tests/clients/test_registration.py has registration switched on."""


@pytest.fixture
def trial(provider: Provider) -> Trial:
    """Once on each store."""
    return Trial(provider)


def test_every_member_of_the_metadata_has_its_proof(trial: Trial) -> None:
    assert trial.metadata().keys() - PROMISES.keys() == set()


@pytest.mark.parametrize("member", sorted(PROMISES))
def test_what_a_member_says_is_so_and_what_it_leaves_out_is_not(trial: Trial, member: str) -> None:
    promise, said = PROMISES[member], trial.metadata().get(member)
    assert _lies(promise, trial, said) == []


def _lies(promise: Promise, trial: Trial, said: Any) -> list[str]:
    if isinstance(said, str):
        return [] if promise.works(trial, said) else [f"{said} does not work"]
    if isinstance(said, list) or promise.candidates:
        said = said or []
        works = {v for v in promise.candidates | set(said) if promise.works(trial, v)}
        return [
            *(f"{value} is advertised and does not work" for value in sorted(set(said) - works)),
            *(f"{value} works and is not advertised" for value in sorted(works - set(said))),
        ]
    works_at_all = promise.works(trial, True)
    return [] if works_at_all == bool(said) else [f"is {said}, and works: {works_at_all}"]


def test_every_protocol_endpoint_is_advertised(trial: Trial) -> None:
    said = {value for value in trial.metadata().values() if isinstance(value, str)}
    ours = {path for name, path in vars(paths).items() if name.isupper() and type(path) is str}
    assert {path for path in ours - INTERNAL if ISSUER + path not in said} == set()


def test_what_a_client_may_register_is_what_the_metadata_offers(trial: Trial) -> None:
    offered = {field: trial.metadata()[member] for field, member in REGISTERED.items()}
    choices = {
        name: _choices(field.annotation)
        for name, field in ClientMetadata.model_fields.items()
        if _choices(field.annotation) and name not in UNSAID
    }
    assert {name: set(values) for name, values in offered.items()} == choices


def _choices(annotation: Any) -> set[str]:
    """The values of a Literal type, however deep in a list or a union it lies."""
    if get_origin(annotation) is None:
        return set()
    found: set[str] = set()
    for argument in get_args(annotation):
        found |= {argument} if isinstance(argument, str) else _choices(argument)
    return found
