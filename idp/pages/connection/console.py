"""All the IT person's pages, mounted together."""

from flask import Flask

from idp.authentication.federation.federation import Federation
from idp.authentication.federation.passes import Passes
from idp.authentication.federation.sso_pages import SsoPages
from idp.pages.connection.approvals import Approvals
from idp.pages.connection.calendar_page import CalendarPage
from idp.pages.connection.connection_page import ConnectionPage
from idp.pages.connection.diagnosis import Diagnosis
from idp.pages.connection.domains_page import DomainsPage
from idp.pages.connection.entrance import Entrance
from idp.pages.connection.mapping_editor import MappingEditor
from idp.pages.connection.metadata_page import MetadataPage
from idp.pages.connection.our_certificates import OurCertificates
from idp.pages.connection.overview import Overview
from idp.pages.connection.policy_page import PolicyPage
from idp.pages.connection.settings import Settings
from idp.pages.connection.setup import SetupDoor, SetupLinks
from idp.pages.connection.switch import Switch
from idp.pages.connection.trial import Trial
from idp.pages.connection.versions import Versions
from idp.pages.shell import Shell


class ConnectionConsole:
    """``/organization/<slug>/connection`` and all below it, and what its secret addresses open."""

    def __init__(self, shell: Shell, federation: Federation, passes: Passes) -> None:
        self._shell = shell
        self._federation = federation
        self._passes = passes

    def register(self, app: Flask, sso: SsoPages) -> None:
        """Mount the pages; ``sso`` hands the answers to tests over."""
        entrance = Entrance(self._shell, self._federation.connections, self._passes)
        Overview(entrance, self._federation).register(app)
        Settings(entrance, self._federation.kerberos).register(app)
        certificates = OurCertificates(entrance, self._federation)
        certificates.register(app)
        ConnectionPage(entrance, self._federation, certificates).register(app)
        MetadataPage(entrance, self._federation).register(app)
        MappingEditor(entrance).register(app)
        PolicyPage(entrance).register(app)
        Trial(entrance, self._federation).register(app, sso)
        Switch(entrance).register(app)
        Approvals(entrance).register(app)
        Versions(entrance).register(app)
        SetupLinks(entrance).register(app)
        SetupDoor(self._shell.visits, self._passes).register(app)
        Diagnosis(entrance).register(app)
        CalendarPage(entrance).register(app)
        DomainsPage(entrance).register(app)
