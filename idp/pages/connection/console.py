"""All the IT person's pages, mounted together."""

from flask import Flask

from idp.authentication.federation.connections import Connections
from idp.authentication.federation.passes import Passes
from idp.pages.connection.calendar_page import CalendarPage
from idp.pages.connection.connection_page import ConnectionPage
from idp.pages.connection.entrance import Entrance
from idp.pages.connection.mapping_editor import MappingEditor
from idp.pages.connection.overview import Overview
from idp.pages.connection.settings import Settings
from idp.pages.connection.setup import SetupDoor, SetupLinks
from idp.pages.connection.versions import Versions
from idp.pages.shell import Shell


class ConnectionConsole:
    """``/organization/<slug>/connection`` and all below it, and what its secret addresses open."""

    def __init__(self, shell: Shell, connections: Connections, passes: Passes) -> None:
        self._shell = shell
        self._connections = connections
        self._passes = passes

    def register(self, app: Flask) -> None:
        """Mount the pages."""
        entrance = Entrance(self._shell, self._connections, self._passes)
        Overview(entrance).register(app)
        Settings(entrance).register(app)
        ConnectionPage(entrance).register(app)
        MappingEditor(entrance).register(app)
        Versions(entrance).register(app)
        SetupLinks(entrance).register(app)
        SetupDoor(self._shell.visits, self._passes).register(app)
        CalendarPage(entrance).register(app)
