"""The faces for people: their own pages, the consoles, the error pages, the state of the service.

Pages know every part below them and are known by nothing but ``create_app``. Each is a class that
takes its parts in the constructor and mounts itself; what all share is `idp.pages.shell.Shell`.
"""

from flask import Flask

from idp.authentication.federation.federation import Federation
from idp.authentication.federation.passes import Passes
from idp.authentication.federation.sso_pages import SsoPages
from idp.authentication.links import Links
from idp.authentication.passwords import Passwords
from idp.authentication.visit import Visits
from idp.clients.registry import Clients
from idp.foundation.throttle import Throttle
from idp.pages.account.applications import Applications
from idp.pages.account.home import Home
from idp.pages.account.own_sessions import OwnSessions
from idp.pages.account.password import Password
from idp.pages.account.profile import Profile
from idp.pages.connection.console import ConnectionConsole
from idp.pages.health import Health
from idp.pages.operations.clients import ClientPages
from idp.pages.operations.log import Log
from idp.pages.operations.organizations import Organizations
from idp.pages.operations.overview import Overview
from idp.pages.organization.console import OrganizationConsole
from idp.pages.problems import Problems
from idp.pages.shell import Shell
from idp.signing.ring import SigningKeys


def install_pages(
    app: Flask,
    visits: Visits,
    *,
    clients: Clients,
    links: Links,
    federation: Federation,
    sso: SsoPages,
    passes: Passes,
    passwords: Passwords,
    throttle: Throttle,
    signing_keys: SigningKeys,
) -> Shell:
    """Mount the pages; the frame they share, for those that mount themselves elsewhere."""
    shell = Shell(visits)
    shell.register(app)
    Problems(visits, clients).register(app)
    Home(shell, clients).register(app)
    Profile(shell, links, throttle).register(app)
    Password(shell, links, passwords, throttle).register(app)
    OwnSessions(shell).register(app)
    Applications(shell, clients).register(app)
    Health(visits.parts, signing_keys).register(app)
    Organizations(shell, links).register(app)
    ClientPages(shell, clients).register(app)
    Overview(shell, clients, signing_keys).register(app)
    Log(shell).register(app)
    OrganizationConsole(shell, links, throttle).register(app)
    ConnectionConsole(shell, federation, passes).register(app, sso)
    return shell
