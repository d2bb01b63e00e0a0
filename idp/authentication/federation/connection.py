"""A connection as a value: what the ways in are made of, secrets opened, read once and cached."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from idp.authentication.federation.document import title
from idp.authentication.federation.mapping import Rule
from idp.authentication.federation.policy import Policy


@dataclass(frozen=True, kw_only=True)
class Connection:
    """One organization's connection, as it stands now."""

    id: str
    organization_id: str
    slug: str
    """The organization's slug: ``/sso/<slug>``."""
    organization_name: str
    name: str
    kind: str
    product: str
    document: Mapping[str, Any] = field(repr=False)
    """The configuration as `document` validated it, defaults filled in."""
    secrets: Mapping[str, str] = field(repr=False)
    mapping: Mapping[str, Rule]
    """Every field's rule, the preset's where the document says none."""
    policy: Policy
    is_default: bool
    is_enabled: bool
    is_suspended: bool
    """Whether the organization is."""
    version: int

    @property
    def title(self) -> str:
        """What people are told that it is called."""
        return title(self.document)

    @property
    def path(self) -> str:
        """``/sso/<slug>/<name>``, under which its callback and the rest lie."""
        return f"/sso/{self.slug}/{self.name}"
