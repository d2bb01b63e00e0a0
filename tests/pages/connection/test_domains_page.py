"""The IT person's page of e-mail domains."""

from idp.authentication.federation import domains
from tests.pages import look
from tests.pages.connection.desk import SSO, ItDesk
from tests.pages.organization.desk import token
from tests.provider import OPERATOR, Provider


def test_a_domain_is_added_with_its_record_and_ordered_to_be_looked_for(provider: Provider) -> None:
    desk = ItDesk(provider)
    page = desk.it.submit(desk.look("/domains"), domain="Kuusela.fi")
    assert "_laatuportti-challenge.kuusela.fi" in page.text
    ordered = desk.it.submit(page, 1)
    assert look.notices(ordered) == ["Tarkistamme nimipalvelun. Päivitä sivu hetken kuluttua."]
    removed = desk.it.submit(ordered, 2)
    assert "_laatuportti-challenge" not in removed.text


def test_what_cannot_be_an_organizations_is_told_at_the_field(provider: Provider) -> None:
    desk = ItDesk(provider)
    page = desk.it.submit(desk.look("/domains"), domain="gmail.com")
    assert page.status_code == 422
    assert "kuka tahansa" in look.errors(page)["domain"]
    assert desk.it.submit(desk.look("/domains"), domain="").status_code == 422


def test_the_operators_word_is_enough_but_not_for_anothers_domain(provider: Provider) -> None:
    desk = ItDesk(provider)
    operator = desk.signed_in(desk.operator())
    page = operator.submit(operator.open(f"{SSO}/domains"), domain="kuusela.fi")
    assert "Verkkotunnus on vahvistettu." in look.notices(operator.submit(page, 1))
    lehtola = desk.lehtola()
    with provider.database.transaction() as tx:
        domains.add(tx, lehtola, "kuusela.fi", by=OPERATOR)
    theirs = operator.open("/organization/lehtola/connection/domains")
    assert "toiselle organisaatiolle" in look.notices(operator.submit(theirs, 1))[0]


def test_a_domain_that_is_gone_is_told(provider: Provider) -> None:
    desk = ItDesk(provider)
    for deed in ("verify", "remove"):
        data = {"csrf_token": token(desk.it), "domain": "x.fi"}
        answer = desk.it.follow(desk.it.post(f"{SSO}/domains/{deed}", data=data))
        assert look.notices(answer) == ["Verkkotunnusta ei enää ole."]
