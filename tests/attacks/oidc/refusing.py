"""Arrivals that come to nothing."""

from idp.authentication.federation.models import ExternalIdentityRecord
from idp.authentication.models import SessionRecord
from idp.directory.models import Person
from tests.federated import Federated


def refused(federated: Federated, reason: str, answer: str | None = None) -> None:
    """The arrival is refused for this reason, and nothing at all comes of it."""
    browser = federated.provider.browser()
    departure = federated.depart(browser)
    page = browser.open(answer or federated.upstream.sign_in(departure))
    assert page.status_code == 403, page.text
    assert f"data-reason>{reason}<" in page.text
    assert federated.reason() == reason
    counts = [federated.count(model) for model in (Person, ExternalIdentityRecord, SessionRecord)]
    assert counts == [0, 0, 0]
