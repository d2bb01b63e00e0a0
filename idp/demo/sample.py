"""The sample organizations and people: who a stranger can sign in as."""

from dataclasses import dataclass, field

from idp import Deployment
from idp.audit import SYSTEM
from idp.authentication.models import Credential
from idp.directory import organizations, persons
from idp.directory.models import Organization, Person
from idp.directory.persons import NewPerson
from idp.foundation.clock import utcnow
from idp.foundation.database import Transaction

PASSWORD = "kolme punaista venetta"
"""The password of everybody here who has one."""
OPERATOR = "operator"


@dataclass(frozen=True, kw_only=True)
class Place:
    """What somebody is in an organization."""

    slug: str
    title: str
    unit: str
    roles: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Sample:
    """Somebody to sign in as; ``note`` says in English what there is to see with them."""

    username: str
    given_name: str
    family_name: str
    note: str
    places: tuple[Place, ...] = field(default=())
    locale: str = "fi"
    has_password: bool = True


ORGANIZATIONS = {
    "metsola": ("Metsolan kunta", "fi"),
    "skargarden": ("Skärgårdens vårdtjänster", "sv"),
}

PEOPLE = (
    Sample(
        username="aino.virtanen@metsola.example",
        given_name="Aino",
        family_name="Virtanen",
        note="main user of Metsolan kunta",
        places=(
            Place(
                slug="metsola",
                title="Hallintopäällikkö",
                unit="Hallinto",
                roles=("main_user",),
            ),
        ),
    ),
    Sample(
        username="eero.nieminen@metsola.example",
        given_name="Eero",
        family_name="Nieminen",
        note="IT person of Metsolan kunta",
        places=(
            Place(
                slug="metsola",
                title="IT-asiantuntija",
                unit="Tietohallinto",
                roles=("it_admin",),
            ),
        ),
    ),
    Sample(
        username="mikko.laine@metsola.example",
        given_name="Mikko",
        family_name="Laine",
        note="an ordinary user",
        places=(Place(slug="metsola", title="Lähihoitaja", unit="Kotihoito"),),
    ),
    Sample(
        username="liisa.korhonen@metsola.example",
        given_name="Liisa",
        family_name="Korhonen",
        note="belongs to both organizations",
        places=(
            Place(slug="metsola", title="Sairaanhoitaja", unit="Kotihoito"),
            Place(slug="skargarden", title="Sjukskötare", unit="Hemvård"),
        ),
    ),
    Sample(
        username="linnea.lindholm@skargarden.example",
        given_name="Linnea",
        family_name="Lindholm",
        note="main user of Skärgårdens vårdtjänster, reads Swedish",
        places=(
            Place(
                slug="skargarden",
                title="Verksamhetschef",
                unit="Ledning",
                roles=("main_user",),
            ),
        ),
        locale="sv",
    ),
    Sample(
        username="oskari.makela@metsola.example",
        given_name="Oskari",
        family_name="Mäkelä",
        note="has no password yet: 'Unohditko salasanasi?' on the sign-in page",
        places=(Place(slug="metsola", title="Fysioterapeutti", unit="Kuntoutus"),),
        has_password=False,
    ),
)


def fill(deployment: Deployment) -> None:
    """Make the organizations and people where there are none yet, and let the operator sign in."""
    password_hash = deployment.passwords.hash(PASSWORD)
    with deployment.parts.database.transaction() as tx:
        if organizations.all(tx):
            return
        founded = {
            slug: organizations.create(tx, slug, name, by=SYSTEM, locale=locale)
            for slug, (name, locale) in ORGANIZATIONS.items()
        }
        for sample in PEOPLE:
            add(tx, sample, founded, password_hash)
        operator = persons.by_username(tx, OPERATOR)
        if operator is not None:
            _give_password(tx, operator, password_hash)


def add(
    tx: Transaction, sample: Sample, founded: dict[str, Organization], password_hash: str
) -> Person:
    """Somebody with their memberships, and the password where they have one."""
    for place in sample.places:
        new = NewPerson(
            username=sample.username,
            given_name=sample.given_name,
            family_name=sample.family_name,
            title=place.title,
            unit=place.unit,
            roles=place.roles,
        )
        person = persons.add(tx, new, founded[place.slug], by=SYSTEM).person
    person.locale = sample.locale
    if sample.has_password:
        person.email_confirmed_at = utcnow()
        _give_password(tx, person, password_hash)
    return person


def _give_password(tx: Transaction, person: Person, password_hash: str) -> None:
    """As if they had made it themselves; without the mail that would tell them so."""
    tx.session.merge(
        Credential(person_id=person.id, password_hash=password_hash, changed_at=utcnow())
    )
