"""The application for a WSGI server of your own: ``idp.serving.wsgi:application``.

``idp web`` needs it not; it is configured like every command, by IDP_CONFIG or ./config.toml.
"""

from idp import create_app
from idp.config import load
from idp.serving.configuration import configuration_file
from idp.serving.logs import configure

settings = load(configuration_file())
configure(settings.log.level)
application = create_app(settings)
