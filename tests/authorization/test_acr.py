"""What ``acr`` says of a sign-in (OpenID Connect Core sections 2, 3.1.2.1 and 5.5.1.1)."""

import pytest

from idp.authorization.acr import PASSWORD, SSO, acr
from tests.authorization.test_policy import (
    HUS,
    KEEPS_PASSWORD,
    PASSWORD_PROOF,
    SSO_PROOF,
    VOUCHED_FOR,
    session,
)

PROOFS = (PASSWORD_PROOF, SSO_PROOF)


@pytest.mark.parametrize(
    ("place", "preferred", "said"),
    [
        (HUS, (), PASSWORD),
        (HUS, (SSO,), PASSWORD),
        (VOUCHED_FOR, (PASSWORD,), SSO),
        (KEEPS_PASSWORD, (), SSO),
        (KEEPS_PASSWORD, ("urn:gold",), SSO),
        (KEEPS_PASSWORD, (PASSWORD,), PASSWORD),
        (KEEPS_PASSWORD, (PASSWORD, SSO), PASSWORD),
        (KEEPS_PASSWORD, ("urn:gold", SSO, PASSWORD), SSO),
    ],
)
def test_acr_says_the_most_preferred_way_of_those_that_were_taken(
    place: object, preferred: tuple[str, ...], said: str
) -> None:
    assert acr(session(HUS, place, proofs=PROOFS), place, preferred) == said  # type: ignore[arg-type]
