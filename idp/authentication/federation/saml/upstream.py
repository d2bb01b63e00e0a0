"""A SAML identity provider as upstream: the Web Browser SSO profile (saml-profiles 4.1), whole."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from idp.authentication.federation.connection import Connection
from idp.authentication.federation.identity import (
    Attempt,
    Departure,
    ExternalIdentity,
    UpstreamLogout,
)
from idp.authentication.federation.reasons import FederationRefused, Reason
from idp.authentication.federation.saml import assertion as assertions
from idp.authentication.federation.saml import bindings, messages, names
from idp.authentication.federation.saml.assertion import Assertion, NameId
from idp.authentication.federation.saml.messages import SignInWish
from idp.authentication.federation.saml.partner import Partner, Partners
from idp.authentication.federation.saml.response import Expected
from idp.authentication.federation.saml.subject import attributes, methods, subject
from idp.foundation.clock import utcnow

_REQUEST, _FRESH = "request", "fresh"
_LONGEST_SESSION = 255


class SamlUpstream:
    """Every connection of the kind ``saml``."""

    def __init__(self, partners: Partners) -> None:
        self.partners = partners

    def begin(self, connection: Connection, attempt: Attempt) -> Departure:
        """A signed request: by redirect where the identity provider takes one, else by form."""
        partner = self.partners.of(connection)
        binding, endpoint = next(
            (binding, partner.theirs.sign_in[binding])
            for binding in (names.REDIRECT, names.POST)
            if binding in partner.theirs.sign_in
        )
        request = messages.authn_request(
            issuer=partner.ours.entity_id,
            destination=endpoint.location,
            acs=partner.ours.acs,
            now=utcnow(),
            wish=SignInWish(
                # Choosing another account takes a new sign-in; SAML knows no gentler word for it.
                force_authn=attempt.fresh or attempt.choose_account,
                is_passive=attempt.silent,
                nameid_format=partner.ours.nameid_format,
                requested_context=connection.document["requested_context"],
            ),
        )
        kept = {_REQUEST: request.get("ID", ""), _FRESH: "1" if attempt.fresh else ""}
        key, place = partner.ours.signing, endpoint.location
        if binding == names.REDIRECT:
            url = bindings.redirect(request, place, "SAMLRequest", attempt.id, key)
            return Departure(location=url, kept=kept)
        form = bindings.form(request, place, "SAMLRequest", attempt.id, key)
        return Departure(location=form.action, fields=form.fields, kept=kept)

    def receive(
        self, connection: Connection, answer: Mapping[str, str], attempt: Attempt | None
    ) -> ExternalIdentity:
        """The identity in a response, all checked but its novelty, which ``spends`` names."""
        if attempt is None and not connection.policy.allow_unsolicited:
            raise FederationRefused(Reason.SAML_UNSOLICITED)
        response = answer.get("SAMLResponse")
        if not response:
            raise FederationRefused(Reason.ANSWER_INCOMPLETE, field="SAMLResponse")
        partner = self.partners.of(connection)
        expected = _expected(partner, connection, attempt)
        said = assertions.read(bindings.posted(response), expected)
        return ExternalIdentity(
            connection_id=connection.id,
            organization_id=connection.organization_id,
            subject=subject(connection, said, partner.theirs.scopes),
            attributes=attributes(said),
            auth_time=_auth_time(said, expected, attempt),
            methods=methods(said),
            session_ends_at=said.session_not_on_or_after,
            logout=UpstreamLogout(
                sid=_session_index(said), name_id=plain(said.name_id) if said.name_id else None
            ),
            spends=((said.id, said.until),),
            is_solicited=attempt is not None,
        )


def plain(name_id: NameId) -> dict[str, str]:
    """A NameID as what is kept of it."""
    parts = {
        "value": name_id.value,
        "format": name_id.format,
        "name_qualifier": name_id.name_qualifier,
        "sp_name_qualifier": name_id.sp_name_qualifier,
    }
    return {name: value for name, value in parts.items() if value is not None}


def _expected(partner: Partner, connection: Connection, attempt: Attempt | None) -> Expected:
    is_fresh = attempt is not None and attempt.kept.get(_FRESH)
    return Expected(
        issuer=partner.theirs.entity_id,
        audience=partner.ours.entity_id,
        acs=partner.ours.acs,
        in_response_to=attempt.kept[_REQUEST] if attempt else None,
        trusted=partner.theirs.certificates,
        decryption_keys=partner.ours.decryption_keys,
        now=utcnow(),
        skew=timedelta(seconds=connection.document["clock_skew_seconds"]),
        authenticated_since=attempt.begun_at if attempt and is_fresh else None,
    )


def _auth_time(said: Assertion, expected: Expected, attempt: Attempt | None) -> datetime:
    """By our own clock: never in the future, and never before what was asked for and checked."""
    moment = min(said.authn_instant, expected.now)
    return max(moment, attempt.begun_at) if attempt and expected.authenticated_since else moment


def _session_index(said: Assertion) -> str | None:
    index = said.session_index
    return index if index and len(index) <= _LONGEST_SESSION else None
