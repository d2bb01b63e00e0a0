"""The demo's course: lay out, take into use, fill, register, serve until interrupted."""

from collections.abc import Callable
from functools import partial

from idp.audit import SYSTEM
from idp.config import load
from idp.demo import saml_federated
from idp.demo.federated import KEEPER, NAME, SLUG, connect, redirect_uri
from idp.demo.folder import Place, lay_out
from idp.demo.pages import serve_mailbox
from idp.demo.portal import register, serve_portal, sources
from idp.demo.saml_federated import NAME as SAML_NAME
from idp.demo.saml_federated import SLUG as SAML_SLUG
from idp.demo.saml_upstream import serve_saml_upstream
from idp.demo.sample import OPERATOR, PASSWORD, PEOPLE, fill
from idp.demo.upstream import serve_upstream
from idp.errors import Refused
from idp.serving.delivery import serve_delivery
from idp.serving.logs import configure
from idp.serving.preparation import prepare_installation
from idp.serving.processes import run_apart, supervise
from idp.serving.store import deployed
from idp.serving.web import require_free, serve_web

PORTS = 5
"""The provider, the portal, the mailbox and the two stand-ins, one after another."""


def run(place: Place, *, fresh: bool, announce: Callable[[str], object]) -> int:
    """Serve the demo; the exit status once it has ended."""
    sources()
    for port in range(place.port, place.port + PORTS):
        require_free(f"127.0.0.1:{port}")
    lay_out(place, fresh=fresh)
    configure("warning")
    # Password hashing leaves threads behind, and a process with threads must not fork.
    if not run_apart(partial(_prepare, place)):
        raise Refused("demo_unprepared", folder=place.folder)
    announce(_welcome(place))
    settings = load(place.configuration, environ={})
    return supervise(
        {
            "web": partial(serve_web, settings),
            "deliver": partial(serve_delivery, settings),
            "portal": partial(serve_portal, place),
            "upstream": partial(
                serve_upstream, place.upstream, redirect_uri(place), place.port + 3
            ),
            "saml_upstream": partial(
                serve_saml_upstream,
                place.saml_upstream,
                place.saml_key,
                saml_federated.partner(place),
                place.port + 4,
            ),
            "mailbox": partial(serve_mailbox, place.mails, place.port + 2),
        }
    )


def _prepare(place: Place) -> None:
    settings = load(place.configuration, environ={})
    prepare_installation(settings, operator_username=OPERATOR, operator_email=None, by=SYSTEM)
    with deployed(settings) as deployment:
        fill(deployment)
        register(deployment, place)
        connect(deployment, place)
        saml_federated.connect(deployment, place)


def _welcome(place: Place) -> str:
    width = max(len(sample.username) for sample in (*PEOPLE, KEEPER))
    people = [(sample.username, sample.note) for sample in (*PEOPLE, KEEPER)]
    lines = [f"  {username:{width}}  {note}" for username, note in [*people, _operator()]]
    return "\n".join(
        [
            "",
            f"  Start here: the portal   {place.portal}",
            f"  The identity provider    {place.issuer}/account",
            f"  The mails it sends       {place.mailbox}",
            "",
            "  SSO links: no password; choose there who sits at the computer",
            f"  {f'{NAME} (OpenID)':28} {place.issuer}/sso/{SLUG}",
            f"  {f'{SAML_NAME} (SAML)':28} {place.issuer}/sso/{SAML_SLUG}",
            "",
            f"  Sign in as one of these; the password is  {PASSWORD}",
            "",
            *lines,
            "",
            f"  All of it lies in {place.folder}; Ctrl-C ends it, --fresh starts over.",
            "",
        ]
    )


def _operator() -> tuple[str, str]:
    return OPERATOR, f"operator of the whole: {'/operations'} of the provider"
