"""All pages of the main user's console, mounted together."""

from flask import Flask

from idp.authentication.links import Links
from idp.foundation.throttle import Throttle
from idp.pages.organization.add_person import AddPerson
from idp.pages.organization.entrance import Entrance
from idp.pages.organization.import_people import ImportPeople
from idp.pages.organization.log import Log
from idp.pages.organization.people_list import PeopleList
from idp.pages.organization.person_changes import PersonChanges
from idp.pages.organization.person_deeds import PersonDeeds
from idp.pages.organization.person_page import PersonPage
from idp.pages.shell import Shell


class OrganizationConsole:
    """``/organization/<slug>`` and all below it but what belongs to the organization's IT."""

    def __init__(self, shell: Shell, links: Links, throttle: Throttle) -> None:
        self._shell = shell
        self._links = links
        self._throttle = throttle

    def register(self, app: Flask) -> None:
        """Mount the pages."""
        entrance = Entrance(self._shell)
        person = PersonPage(entrance)
        PeopleList(entrance).register(app)
        AddPerson(entrance, self._links).register(app)
        ImportPeople(entrance, self._links).register(app)
        person.register(app)
        PersonDeeds(entrance, person, self._links, self._throttle).register(app)
        PersonChanges(entrance, self._links).register(app)
        Log(entrance).register(app)
