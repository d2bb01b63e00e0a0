"""The demo's organization whose people come through a SAML identity provider of its own."""

from idp import Deployment
from idp.audit import SYSTEM
from idp.demo.folder import Place
from idp.demo.saml_answers import metadata
from idp.demo.saml_upstream import ORGANIZATION, kept_key
from idp.directory import organizations
from idp.errors import NotFound

SLUG, NAME = "rinnekoti", ORGANIZATION
CONNECTION = "rinnekoti-saml"


def connect(deployment: Deployment, place: Place) -> None:
    """Make the organization and its connection; where they are, put its addresses right."""
    key = kept_key(place.saml_key)
    document = {
        "kind": "saml",
        "name": CONNECTION,
        "display_name": "Rinnekodin kirjautuminen",
        "metadata": metadata(place.saml_upstream, key),
    }
    connections = deployment.connections
    with deployment.parts.database.transaction() as tx:
        try:
            organization = organizations.by_slug(tx, SLUG)
        except NotFound:
            organization = organizations.create(tx, SLUG, NAME, by=SYSTEM, locale="fi")
        rows = {row.name: row for row in connections.all(tx, organization.id)}
        row = rows.get(CONNECTION)
        if row is None:
            row = connections.create(tx, organization, document, by=SYSTEM)
            connections.enable(tx, row, by=SYSTEM, why="demo")
        elif row.document["metadata"] != document["metadata"]:
            connections.update(tx, organization.id, CONNECTION, document, by=SYSTEM, why="demo")
    connections.changed()


def partner(place: Place) -> str:
    """Where the stand-in finds our metadata."""
    return f"{place.issuer}/sso/{SLUG}/{CONNECTION}/metadata"
