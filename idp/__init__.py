"""Laatuportti's identity provider: an OpenID Connect server that knows people and organizations.

``create_app`` is the one place that knows every part.
"""

from flask import Flask

from idp.authentication.federation.home_pages import HomePages
from idp.authentication.federation.homes import Homes
from idp.authentication.forgotten import Forgotten
from idp.authentication.link_pages import LinkPages
from idp.authentication.organization_choice import OrganizationChoice
from idp.authentication.sign_in import SignIn
from idp.authentication.visit import Visits
from idp.authorization.answers import Answers
from idp.authorization.consent_page import ConsentPage
from idp.authorization.device.pages import DevicePages
from idp.authorization.endpoint import Authorization
from idp.authorization.logout import Logout
from idp.authorization.request import Requests
from idp.authorization.request.objects import RequestObjects
from idp.authorization.request.pushed import PushedRequests
from idp.authorization.routes import OPEN_PATHS, protocol_routes
from idp.authorization.sealed_answer import SealedAnswers
from idp.authorization.session_management import CheckSession
from idp.authorization.signed_out import SignedOut
from idp.config import Settings
from idp.deployment import Deployment, deploy
from idp.foundation.web import site
from idp.foundation.web.front import Front
from idp.pages import install_pages

__all__ = ["Deployment", "create_app"]


def create_app(settings: Settings) -> Flask:
    """The whole application; its `Deployment` is ``app.extensions["idp"]``.

    Raises ConfigurationError where the keys are missing or damaged; the database is not touched.
    """
    app = Flask("idp", static_url_path="/static")
    deployment = deploy(app, settings)
    app.extensions["idp"] = deployment
    site.install(app, deployment.parts)
    visits = Visits(deployment.parts, deployment.sessions)
    clients, throttle, passwords = deployment.clients, deployment.throttle, deployment.passwords
    OrganizationChoice(visits, clients).register(app)
    Forgotten(visits, throttle).register(app)
    homes = Homes(deployment.parts.database, deployment.connections, throttle)
    HomePages(visits, homes).register(app)
    LinkPages(visits, clients, deployment.links, passwords, throttle).register(app)
    Logout(visits, clients, deployment.signing_keys, deployment.federation).register(app)
    sso = deployment.federation.register(app, visits)
    SignedOut(visits, clients).register(app)
    CheckSession(deployment.parts.cookies).register(app)
    requests = Requests(
        clients,
        RequestObjects(deployment.client_keys, deployment.fetcher, settings.issuer),
        PushedRequests(deployment.parts.database, deployment.parts.keyring),
    )
    authorization = Authorization(
        deployment.parts,
        requests,
        deployment.sessions,
        deployment.signing_keys,
        Answers(settings, SealedAnswers(deployment.signing_keys, deployment.client_keys)),
        deployment.connections,
    )
    sign_in = SignIn(visits, clients, passwords, throttle, authorization.answer_at_once, homes)
    ConsentPage(visits, authorization).register(app)
    DevicePages(visits, clients, throttle, deployment.connections).register(app)
    install_pages(
        app,
        visits,
        clients=clients,
        links=deployment.links,
        federation=deployment.federation,
        sso=sso,
        passes=deployment.passes,
        passwords=passwords,
        throttle=throttle,
        signing_keys=deployment.signing_keys,
    )
    routes = protocol_routes(
        deployment.parts,
        clients,
        deployment.client_keys,
        deployment.admission,
        deployment.links,
        deployment.signing_keys,
        authorization=authorization,
        requests=requests,
    )
    front = Front(settings, routes, sign_in.routes(), app.wsgi_app, OPEN_PATHS)
    app.wsgi_app = front  # type: ignore[method-assign]
    return app
