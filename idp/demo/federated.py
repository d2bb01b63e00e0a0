"""The demo's organization whose people come through an OpenID provider of its own."""

from typing import Any

from idp import Deployment
from idp.audit import SYSTEM
from idp.authentication.federation import break_glass
from idp.demo.folder import Place
from idp.demo.sample import PASSWORD, Sample, add
from idp.demo.sample import Place as Post
from idp.demo.upstream import CLIENT_ID, CLIENT_SECRET, ORGANIZATION
from idp.directory import organizations
from idp.errors import NotFound

SLUG, NAME = "lehtola", ORGANIZATION
CONNECTION = "lehtola-id"
KEEPER = Sample(
    username="marketta.aho@lehtola.example",
    given_name="Marketta",
    family_name="Aho",
    note=f"main user and IT person of {NAME}, keeps its emergency password",
    places=(
        Post(
            slug=SLUG,
            title="Tietohallintojohtaja",
            unit="Tietohallinto",
            roles=("main_user", "it_admin"),
        ),
    ),
)
"""The one with a password there, who looks after single sign-on; each sign-in raises the alarm."""


def connect(deployment: Deployment, place: Place) -> None:
    """Make the organization and its connection; where they are, put its addresses right."""
    document, connections = _document(place), deployment.connections
    password_hash = deployment.passwords.hash(PASSWORD)
    with deployment.parts.database.transaction() as tx:
        try:
            organization = organizations.by_slug(tx, SLUG)
        except NotFound:
            organization = organizations.create(tx, SLUG, NAME, by=SYSTEM, locale="fi")
            keeper = add(tx, KEEPER, {SLUG: organization}, password_hash)
            break_glass.choose(tx, organization.id, keeper.id, by=SYSTEM)
        rows = {row.name: row for row in connections.all(tx, organization.id)}
        row = rows.get(CONNECTION)
        if row is None:
            row = connections.create(tx, organization, document, by=SYSTEM)
            connections.enable(tx, row, by=SYSTEM, why="demo")
        elif row.document["issuer"] != document["issuer"]:
            connections.update(tx, organization.id, CONNECTION, document, by=SYSTEM, why="demo")
    connections.changed()


def redirect_uri(place: Place) -> str:
    """Where the stand-in's answers go."""
    return f"{place.issuer}/sso/{SLUG}/{CONNECTION}/callback"


def _document(place: Place) -> dict[str, Any]:
    return {
        "kind": "oidc",
        "name": CONNECTION,
        "display_name": "Lehtolan kirjautuminen",
        "issuer": place.upstream,
        "client_id": CLIENT_ID,
        "client_secret": CLIENT_SECRET,
    }
