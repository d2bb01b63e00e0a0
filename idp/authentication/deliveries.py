"""The mails of accounts as outbox handlers: to whom, in which language, and off it goes."""

from collections.abc import Callable, Mapping

from sqlalchemy import select

from idp.audit import SYSTEM, Event, record
from idp.authentication import credentials, email_change, mails, notices, recovery
from idp.authentication.federation import break_glass, metadata_mail, setup_mail
from idp.authentication.federation.metadata_mail import MetadataMail
from idp.authentication.federation.passes import Passes
from idp.authentication.federation.reminders import REMINDER, Reminders
from idp.authentication.federation.setup_mail import SetupMail
from idp.authentication.links import Links
from idp.authentication.models import Link
from idp.directory.models import Membership, Organization, Person
from idp.foundation import outbox
from idp.foundation.clock import utcnow
from idp.foundation.database import Transaction
from idp.foundation.mail import Mailer, Message
from idp.foundation.parts import Parts

Write = Callable[[Transaction, outbox.Item], Message]


def handlers(
    parts: Parts, links: Links, passes: Passes, reminders: Reminders
) -> Mapping[str, outbox.Handler]:
    """A handler for each kind of mail."""
    letters = Letters(parts, links)
    mailer = Mailer.from_settings(parts.settings.mail, ca_file=parts.settings.outbound.ca_file)
    writers: dict[str, Write] = {
        recovery.LINK_MAIL: letters.password_link,
        recovery.OPERATOR_MAIL: letters.operator_activation,
        recovery.SSO_MAIL: letters.sso_hint,
        credentials.NOTICE: letters.password_changed,
        email_change.CONFIRMATION: letters.email_confirmation,
        email_change.NOTICE: letters.email_change_notice,
        notices.MEMBERSHIP_ADDED: letters.membership_added,
        notices.USERNAME_CHANGED: letters.username_changed,
        REMINDER: reminders.letter,
        break_glass.ALARM: lambda tx, item: break_glass.letter(tx, item, parts.settings),
        metadata_mail.KIND: MetadataMail(parts.settings).write,
        setup_mail.KIND: SetupMail(passes, parts.settings.issuer).write,
    }

    def handler(write: Write) -> outbox.Handler:
        def send(item: outbox.Item) -> None:
            with parts.database.reading() as tx:
                message = write(tx, item)
            try:
                mailer.send(message, item_id=item.id)
            except outbox.Undelivered as error:
                bounced = isinstance(error, outbox.Bounced)
                event = Event.MAIL_BOUNCED if bounced else Event.MAIL_FAILED
                error.follow_up = _recorded(item, event, error.problem)
                raise

        return send

    return {kind: handler(write) for kind, write in writers.items()}


class Letters:
    """Writes each mail from the facts as they are when it leaves; GivenUp where it is pointless."""

    def __init__(self, parts: Parts, links: Links) -> None:
        self._settings = parts.settings
        self._links = links

    def password_link(self, tx: Transaction, item: outbox.Item) -> Message:
        """The link to make a password."""
        link, person = _live_link(tx, item)
        sender = (
            tx.session.get(Organization, link.organization_id) if link.organization_id else None
        )
        return mails.password_link(
            self._locale(person, sender or _home(tx, person)),
            to=link.address,
            given_name=person.given_name,
            username=person.username,
            organization_name=sender.name if sender else None,
            url=self._url(link),
            requested_at=link.requested_at,
            expires_at=link.expires_at,
            is_first=not credentials.has_password(tx, person.id),
        )

    def operator_activation(self, tx: Transaction, item: outbox.Item) -> Message:
        """The first link of an operator."""
        link, person = _live_link(tx, item)
        return mails.operator_activation(
            self._locale(person),
            to=link.address,
            given_name=person.given_name,
            username=person.username,
            url=self._url(link),
            requested_at=link.requested_at,
            expires_at=link.expires_at,
            support_contact=self._settings.support_contact,
        )

    def sso_hint(self, tx: Transaction, item: outbox.Item) -> Message:
        """The person's organizations with their SSO links."""
        person = _person(tx, item)
        organizations = tx.session.scalars(
            select(Organization)
            .join(Membership, Membership.organization_id == Organization.id)
            .where(Membership.person_id == person.id, Organization.uses_sso)
            .order_by(Organization.name)
        ).all()
        return mails.sso_hint(
            self._locale(person, organizations[0] if organizations else None),
            to=_address(item.payload.get("address")),
            given_name=person.given_name,
            organizations={
                one.name: f"{self._settings.issuer}/sso/{one.slug}" for one in organizations
            },
        )

    def password_changed(self, tx: Transaction, item: outbox.Item) -> Message:
        """Word of a new password."""
        person = _person(tx, item)
        return mails.password_changed(
            self._locale(person, _home(tx, person)),
            to=item.payload["address"],
            given_name=person.given_name,
            username=person.username,
            at=item.created_at,
            sign_in_url=f"{self._settings.issuer}/password/forgotten",
        )

    def email_confirmation(self, tx: Transaction, item: outbox.Item) -> Message:
        """The link that confirms a new address."""
        link, person = _live_link(tx, item)
        return mails.email_confirmation(
            self._locale(person, _home(tx, person)),
            to=link.address,
            url=self._url(link),
            requested_at=link.requested_at,
            expires_at=link.expires_at,
        )

    def email_change_notice(self, tx: Transaction, item: outbox.Item) -> Message:
        """Word to the present address that another is to take its place."""
        person = _person(tx, item)
        return mails.email_change_notice(
            self._locale(person, _home(tx, person)),
            to=item.payload["address"],
            given_name=person.given_name,
            username=person.username,
            new_email=item.payload["new"],
            at=item.created_at,
        )

    def membership_added(self, tx: Transaction, item: outbox.Item) -> Message:
        """Word that a known username opens one more organization."""
        person, organization = _person(tx, item), _organization(tx, item)
        return mails.membership_added(
            self._locale(person, organization),
            to=_address(person.email),
            given_name=person.given_name,
            username=person.username,
            organization_name=organization.name,
            url=f"{self._settings.issuer}/login",
        )

    def username_changed(self, tx: Transaction, item: outbox.Item) -> Message:
        """Word of a changed username."""
        person, organization = _person(tx, item), _home(tx, _person(tx, item))
        return mails.username_changed(
            self._locale(person, organization),
            to=_address(person.email),
            given_name=person.given_name,
            before=item.payload["before"],
            after=item.payload["after"],
            organization_name=organization.name if organization else "Laatuportti",
        )

    def _url(self, link: Link) -> str:
        return f"{self._settings.issuer}/link/{self._links.token(link)}"

    def _locale(self, person: Person, organization: Organization | None = None) -> str:
        """The person's language, else their organization's, else the default."""
        own = person.locale or (organization.locale if organization else None)
        return own or self._settings.default_locale


def _recorded(item: outbox.Item, event: Event, problem: str) -> outbox.FollowUp:
    def follow_up(tx: Transaction) -> None:
        record(
            tx,
            event,
            by=SYSTEM,
            organization_id=item.organization_id,
            target_id=item.person_id,
            problem=problem,
        )

    return follow_up


def _live_link(tx: Transaction, item: outbox.Item) -> tuple[Link, Person]:
    link = tx.session.get(Link, item.payload["id"])
    if link is None or link.used_at or link.voided_at or link.expires_at <= utcnow():
        raise outbox.GivenUp("the link in it is dead")
    return link, tx.session.get_one(Person, link.person_id)


def _person(tx: Transaction, item: outbox.Item) -> Person:
    person = tx.session.get(Person, item.person_id)
    if person is None:
        raise outbox.GivenUp("there is no such person any more")
    return person


def _organization(tx: Transaction, item: outbox.Item) -> Organization:
    organization = tx.session.get(Organization, item.organization_id)
    if organization is None:
        raise outbox.GivenUp("there is no such organization any more")
    return organization


def _home(tx: Transaction, person: Person) -> Organization | None:
    """The organization whose language a person without one of their own is written in."""
    home = person.last_organization_id or person.created_in
    return tx.session.get(Organization, home) if home else None


def _address(email: str | None) -> str:
    if not email:
        raise outbox.GivenUp("the person has no e-mail address")
    return email
