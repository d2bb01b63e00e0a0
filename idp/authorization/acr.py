"""How surely a person was authenticated (``acr``): said as it is, never as it was asked for.

Who proved themselves in both ways is told by the one that the client prefers (`acr_values`, an
`acr` among its `claims`, `default_acr_values`); a preference that was not met is no error.
"""

from collections.abc import Sequence
from typing import get_args

from idp.authentication.session import Place, Session
from idp.clients.metadata.algorithms import AcrValue

ACR_VALUES: tuple[str, ...] = get_args(AcrValue)
"""Everything that `acr` can say, for discovery and for requests that insist."""
PASSWORD, SSO = ACR_VALUES


def acr(session: Session, place: Place, preferred: Sequence[str] = ()) -> str:
    """The context of a sign-in that opens this organization: as preferred, else the latest."""
    proved = [SSO if item.connection else PASSWORD for item in session.proofs_for(place)]
    return next((value for value in preferred if value in proved), proved[-1])
