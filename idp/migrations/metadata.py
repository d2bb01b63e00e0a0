"""The tables that the models of every part describe."""

from idp.audit import models as audit
from idp.authentication import models as authentication
from idp.authentication.federation import models as federation
from idp.authentication.federation import passes_models as passes
from idp.authentication.federation.saml import models as saml
from idp.authorization import models as authorization
from idp.clients import models as clients
from idp.directory import models as directory
from idp.foundation import outbox_models as outbox
from idp.foundation.database import Model
from idp.signing import models as signing

PARTS = (
    audit,
    authentication,
    authorization,
    clients,
    directory,
    federation,
    outbox,
    passes,
    saml,
    signing,
)
"""Every module that holds models; a test looks for one that is missing."""

metadata = Model.metadata
