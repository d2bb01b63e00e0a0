"""Rows for the demo that no press of a button makes: what waits at its OpenID organization."""

from base64 import b64encode
from datetime import timedelta
from pathlib import Path

from idp.audit import SYSTEM
from idp.authentication.federation.models import ExternalIdentityRecord, LinkApproval
from idp.authentication.federation.saml import pinned
from idp.authentication.federation.saml.models import SamlRefresh
from idp.cli.installation import Installation
from idp.demo.federated import CONNECTION, SLUG
from idp.directory import organizations, persons
from idp.directory.persons import NewPerson
from idp.foundation.clock import utcnow
from idp.foundation.database import Transaction
from tests.keytabs import AES256, keytab
from tests.saml.keys import pair
from tests.saml.ours import idp_metadata

_URL = "https://adfs.lehtola.example/FederationMetadata/2007-06/FederationMetadata.xml"
_BY_FORM = (
    '<md:SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST"'
    ' Location="https://idp.example.org/saml/sso"/>'
)
"""An identity provider that takes a form alone."""
_PEOPLE = (("leena.lahti", "Leena", "Lahti"), ("oskar.berg", "Oskar", "Berg"))


def seed(folder: Path) -> None:
    """A link that waits, two who have not come for long, waiting metadata, a Kerberos draft."""
    installation = Installation(folder / "config.toml")
    try:
        with installation.database.transaction() as tx:
            _people(tx, installation)
            _connections(tx, installation)
        installation.deployment.connections.changed()
    finally:
        installation.close()


def _people(tx: Transaction, installation: Installation) -> None:
    organization, now = organizations.by_slug(tx, SLUG), utcnow()
    row = installation.deployment.connections.get(tx, organization.id, CONNECTION)
    # Where single sign-on is on, it alone adds people.
    organization.uses_sso = False
    for number, (name, given_name, family_name) in enumerate(_PEOPLE):
        new = NewPerson(
            username=f"{name}@{SLUG}.example", given_name=given_name, family_name=family_name
        )
        person = persons.add(tx, new, organization, by=SYSTEM).person
        tx.session.add(
            ExternalIdentityRecord(
                id=f"{name}-identity",
                connection_id=row.id,
                subject=name,
                person_id=person.id,
                linked_by="system:",
                linked_how="created",
                linked_at=now - timedelta(days=500),
                last_asserted_at=now - timedelta(days=400 - 100 * number),
                closed_at=None,
                closed_why=None,
            )
        )
        tx.session.add(
            LinkApproval(
                id=f"{name}-approval",
                connection_id=row.id,
                subject=f"{name}-again",
                person_id=person.id,
                reason="already_linked",
                reference="K7F2-QX9M",
                requested_at=now,
                approved_by=None,
                approved_at=None,
                expires_at=now + timedelta(days=14),
                used_at=None,
            )
        )
    organization.uses_sso = True


def _connections(tx: Transaction, installation: Installation) -> None:
    connections, organization = installation.deployment.connections, organizations.by_slug(tx, SLUG)
    given = {"kind": "saml", "product": "adfs", "name": "adfs", "metadata_url": _URL}
    row = connections.create(tx, organization, given, by=SYSTEM)
    connections.keep_secrets(tx, row, {pinned.SECRET: pinned.dumped(_URL, idp_metadata())})
    new = pair("new").certificate.base64
    tx.session.add(
        SamlRefresh(
            connection_id=row.id,
            next_at=utcnow() + timedelta(days=1),
            checked_at=utcnow(),
            problem=None,
            waiting=idp_metadata(certificates=(new,)),
            waiting_since=utcnow(),
        )
    )
    form = idp_metadata(endpoints=_BY_FORM)
    connections.create(
        tx, organization, {"kind": "saml", "name": "lomake", "metadata": form}, by=SYSTEM
    )
    service = installation.deployment.federation.kerberos.principal("LEHTOLA.EXAMPLE")
    content = b64encode(keytab((service, AES256))).decode()
    realm = {"kind": "kerberos", "name": "kerberos", "realm": "LEHTOLA.EXAMPLE", "keytab": content}
    connections.create(tx, organization, realm, by=SYSTEM)
