"""The sign-in policy as a table (OpenID Connect Core 3.1.2.1, 3.1.2.3, 3.1.2.4)."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from authlib.oidc.core.errors import (
    AccountSelectionRequiredError,
    ConsentRequiredError,
    InteractionRequiredError,
    LoginRequiredError,
)

from idp.authentication.session import Authentication, Place, Session
from idp.authorization.acr import PASSWORD, SSO
from idp.authorization.policy import Consent, Facts, Issue, Page, next_step
from idp.authorization.request.errors import UnmetAuthenticationRequirements

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def place(slug: str, *, uses_sso: bool = False, is_vouched_for: bool = False) -> Place:
    return Place(
        organization_id=f"id-{slug}",
        slug=slug,
        name=slug,
        uses_sso=uses_sso,
        is_main_user=False,
        is_it_admin=False,
        is_vouched_for=is_vouched_for,
    )


KUUSELA, HUS, SSO_ONLY = place("kuusela"), place("hus"), place("sairaala", uses_sso=True)
VOUCHED_FOR = place("sairaala", uses_sso=True, is_vouched_for=True)
PASSWORD_PROOF = Authentication(method="pwd", auth_time=NOW - HOUR)
SSO_PROOF = Authentication(
    method="fed", auth_time=NOW - HOUR, connection="entra", organization="id-sairaala"
)


def session(*places: Place, proofs: tuple[Authentication, ...] = (PASSWORD_PROOF,)) -> Session:
    return Session(
        id="s",
        person_id="maija",
        username="maija@example.fi",
        given_name="Maija",
        family_name="Meikäläinen",
        email=None,
        locale=None,
        is_operator=False,
        last_organization_id=None,
        organization_id=None,
        created_at=NOW - HOUR,
        seen_at=NOW,
        authentications=proofs,
        places=places,
    )


SIGNED_IN = Facts(
    prompt=frozenset(),
    max_age=None,
    organization=None,
    required_acr=frozenset(),
    acr_values=(),
    expected=frozenset(),
    subject="maija",
    session=session(KUUSELA),
    begun_at=None,
    chosen=None,
    consent_scope=frozenset(),
    consent=None,
    now=NOW,
)
SIGNED_OUT = replace(SIGNED_IN, session=None, subject=None)
IN_TWO = replace(SIGNED_IN, session=session(KUUSELA, HUS))
IN_SSO = replace(SIGNED_IN, session=session(VOUCHED_FOR, proofs=(SSO_PROOF,)))
IN_BOTH = replace(SIGNED_IN, session=session(VOUCHED_FOR, HUS, proofs=(SSO_PROOF,)))
KEEPS_PASSWORD = place("sairaala", is_vouched_for=True)
"""An organization with single sign-on, for somebody who keeps a password besides."""
IN_BOTH_WAYS = replace(
    SIGNED_IN, session=session(KEEPS_PASSWORD, proofs=(PASSWORD_PROOF, SSO_PROOF))
)
FRESH_ELSEWHERE = replace(
    SIGNED_IN,
    session=session(VOUCHED_FOR, HUS, proofs=(PASSWORD_PROOF, replace(SSO_PROOF, auth_time=NOW))),
)
"""Signed in with a password an hour ago, and just now by an organization's own way in."""
FOREIGN = replace(SIGNED_IN, consent_scope=frozenset(("openid", "email")))
JUST_NOW = {"begun_at": NOW - HOUR}
"""An interaction that began no later than the sign-in."""


def allowed(*scopes: str, at: datetime = NOW - 2 * HOUR) -> Consent:
    return Consent(scope=frozenset(scopes), given_at=at)


@pytest.mark.parametrize(
    ("facts", "changes", "page"),
    [
        (SIGNED_IN, {}, None),
        (SIGNED_OUT, {}, Page.SIGN_IN),
        # prompt=login: once, until the sign-in that it asked for
        (SIGNED_IN, {"prompt": {"login"}}, Page.SIGN_IN),
        (SIGNED_IN, {"prompt": {"login"}, "begun_at": NOW}, Page.SIGN_IN),
        (SIGNED_IN, {"prompt": {"login"}, **JUST_NOW}, None),
        # max_age, 0 too: any sign-in before this request is too old
        (SIGNED_IN, {"max_age": HOUR}, None),
        (SIGNED_IN, {"max_age": HOUR - timedelta(seconds=1)}, Page.SIGN_IN),
        (SIGNED_IN, {"max_age": timedelta(0)}, Page.SIGN_IN),
        (SIGNED_IN, {"max_age": timedelta(0), **JUST_NOW}, None),
        # ... and one organization's own way in makes no sign-in fresh for another
        (FRESH_ELSEWHERE, {"organization": "hus", "max_age": HOUR / 2}, Page.SIGN_IN),
        (
            FRESH_ELSEWHERE,
            {"organization": "hus", "prompt": {"login"}, "begun_at": NOW},
            Page.SIGN_IN,
        ),
        (FRESH_ELSEWHERE, {"organization": "sairaala", "max_age": HOUR / 2}, None),
        # id_token_hint and a sub in claims: that person or the sign-in page
        (SIGNED_IN, {"expected": {"maija"}}, None),
        (SIGNED_IN, {"expected": {"mikko"}}, Page.SIGN_IN),
        (SIGNED_IN, {"expected": {"maija", "mikko"}}, Page.SIGN_IN),
        # prompt=create: where a first password is made, until somebody signed in on the way
        (SIGNED_OUT, {"prompt": {"create"}}, Page.FIRST_PASSWORD),
        (SIGNED_IN, {"prompt": {"create"}}, Page.FIRST_PASSWORD),
        (SIGNED_IN, {"prompt": {"create"}, **JUST_NOW}, None),
        # organizations
        (SIGNED_IN, {"prompt": {"select_account"}}, Page.ORGANIZATION),
        (SIGNED_IN, {"prompt": {"select_account"}, "chosen": "id-kuusela"}, None),
        (SIGNED_IN, {"organization": "kuusela"}, None),
        (SIGNED_IN, {"organization": "hus"}, Page.ORGANIZATION),
        (IN_TWO, {}, Page.ORGANIZATION),
        (IN_TWO, {"chosen": "id-hus"}, None),
        (IN_TWO, {"organization": "hus"}, None),
        (SIGNED_IN, {"session": session()}, Page.ORGANIZATION),
        (SIGNED_IN, {"session": session(SSO_ONLY)}, Page.SSO),
        # an organization's own way in: only its connection opens it, while that stands for it
        (SIGNED_OUT, {"organization": "sairaala", "uses_sso": True}, Page.SSO),
        (SIGNED_IN, {"organization": "sairaala", "uses_sso": True}, Page.SSO),
        (IN_SSO, {"organization": "sairaala", "uses_sso": True}, None),
        (IN_SSO, {"session": session(SSO_ONLY, proofs=(SSO_PROOF,))}, Page.SSO),
        (IN_SSO, {"prompt": {"login"}}, Page.SSO),
        (IN_SSO, {"session": session(VOUCHED_FOR, HUS, proofs=(SSO_PROOF,))}, Page.ORGANIZATION),
        (IN_BOTH, {"organization": "hus"}, Page.SIGN_IN),
        (IN_BOTH, {"chosen": "id-hus"}, Page.SIGN_IN),
        (IN_BOTH, {"chosen": "id-sairaala"}, None),
        # acr: what the sign-in was
        (SIGNED_IN, {"required_acr": {PASSWORD}}, None),
        (SIGNED_IN, {"session": session(VOUCHED_FOR, proofs=(SSO_PROOF,))}, None),
        # a preferred acr: the page to begin at, where nobody and no organization is known
        (SIGNED_OUT, {"acr_values": (SSO,)}, Page.WHICH_SSO),
        (SIGNED_OUT, {"acr_values": ("urn:gold", SSO, PASSWORD)}, Page.WHICH_SSO),
        (SIGNED_OUT, {"acr_values": (PASSWORD, SSO)}, Page.SIGN_IN),
        (SIGNED_OUT, {"acr_values": ("urn:gold",)}, Page.SIGN_IN),
        (SIGNED_OUT, {"acr_values": (SSO,), "organization": "kuusela"}, Page.SIGN_IN),
        (SIGNED_IN, {"acr_values": (SSO,)}, None),
        (SIGNED_IN, {"acr_values": (SSO,), "prompt": {"login"}}, Page.SIGN_IN),
        (IN_BOTH_WAYS, {"required_acr": {PASSWORD}, "acr_values": (PASSWORD,)}, None),
        (IN_BOTH_WAYS, {"required_acr": {SSO}, "acr_values": (SSO,)}, None),
        # consent: only where it is asked for, remembered, asked anew
        (FOREIGN, {}, Page.CONSENT),
        (FOREIGN, {"consent": allowed("openid")}, Page.CONSENT),
        (FOREIGN, {"consent": allowed("openid", "email", "profile")}, None),
        (FOREIGN, {"consent": allowed("openid", "email"), "prompt": {"consent"}}, Page.CONSENT),
        (
            FOREIGN,
            {"consent": allowed("openid", "email"), "prompt": {"consent"}, **JUST_NOW},
            Page.CONSENT,
        ),
        (
            FOREIGN,
            {"consent": allowed("openid", "email", at=NOW), "prompt": {"consent"}, **JUST_NOW},
            None,
        ),
        (SIGNED_IN, {"prompt": {"consent"}}, None),
        # the earlier row decides
        (FOREIGN, {"session": None}, Page.SIGN_IN),
        (FOREIGN, {"prompt": {"login", "consent"}}, Page.SIGN_IN),
        (FOREIGN, {"organization": "hus"}, Page.ORGANIZATION),
    ],
)
def test_the_first_thing_that_is_missing_decides_the_page(
    facts: Facts, changes: dict[str, object], page: Page | None
) -> None:
    step = next_step(replace(facts, **changes))  # type: ignore[arg-type]
    assert isinstance(step, Issue) if page is None else step is page


@pytest.mark.parametrize(
    ("facts", "changes", "error"),
    [
        (SIGNED_OUT, {}, LoginRequiredError),
        (SIGNED_IN, {"max_age": timedelta(0)}, LoginRequiredError),
        (SIGNED_IN, {"expected": {"mikko"}}, LoginRequiredError),
        (IN_TWO, {}, InteractionRequiredError),
        (SIGNED_IN, {"organization": "hus"}, InteractionRequiredError),
        (FOREIGN, {}, ConsentRequiredError),
    ],
)
def test_prompt_none_says_which_page_would_have_been_needed(
    facts: Facts, changes: dict[str, object], error: type[Exception]
) -> None:
    with pytest.raises(error):
        next_step(replace(facts, prompt={"none"}, **changes))  # type: ignore[arg-type]


def test_prompt_none_gives_a_code_where_nothing_is_missing() -> None:
    remembered = replace(FOREIGN, prompt={"none"}, consent=allowed("openid", "email"))
    assert next_step(remembered) == Issue(place=KUUSELA)


def test_select_account_and_silence_cannot_both_be_had() -> None:
    with pytest.raises(AccountSelectionRequiredError):
        next_step(replace(SIGNED_IN, prompt={"none", "select_account"}))


@pytest.mark.parametrize("prompt", [set(), {"none"}])
def test_an_essential_acr_that_the_sign_in_is_not_is_an_error_with_or_without_pages(
    prompt: set[str],
) -> None:
    with pytest.raises(UnmetAuthenticationRequirements):
        next_step(replace(SIGNED_IN, prompt=prompt, required_acr={SSO}))


SILENT_SSO = replace(
    SIGNED_IN, session=None, prompt={"none"}, organization="kuusela", uses_sso=True
)


def test_prompt_none_asks_an_organizations_own_way_in_once() -> None:
    """OpenID Connect Core section 3.1.2.1, passed on: no page there, none here."""
    assert next_step(SILENT_SSO) is Page.SSO


@pytest.mark.parametrize("changes", [{"begun_at": NOW}, {"is_framed": True}, {"uses_sso": False}])
def test_prompt_none_asks_nobody_again_nor_in_a_frame(changes: dict[str, object]) -> None:
    with pytest.raises(LoginRequiredError):
        next_step(replace(SILENT_SSO, **changes))  # type: ignore[arg-type]
