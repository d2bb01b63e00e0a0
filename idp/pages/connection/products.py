"""The products that a connection can be made to, as the page that offers them knows them."""

from collections.abc import Mapping
from dataclasses import dataclass

from idp.authentication.federation.kerberos import acceptor
from idp.authentication.federation.presets import PRESETS


@dataclass(frozen=True, kw_only=True)
class Product:
    """One product; ``connection.product.<id>`` names it, ``connection.guide.<id>.<n>`` guides."""

    id: str
    steps: int
    """How many steps are to be taken in the product before anything is given to us."""
    is_recommended: bool = False
    has_metadata_url: bool = True
    """Whether the product publishes its SAML metadata at an address."""

    @property
    def kind(self) -> str:
        """``oidc``, ``saml`` or ``kerberos``."""
        return PRESETS[self.id].kind

    @property
    def asks_domain(self) -> bool:
        """Whether one issuer serves many customers, told apart by their domain."""
        return PRESETS[self.id].hosted_domain

    @property
    def slug(self) -> str:
        """What a connection to it is called in addresses."""
        return self.id.replace("_", "-")


PRODUCTS: Mapping[str, Product] = {
    product.id: product
    for product in (
        Product(id="entra_oidc", steps=5, is_recommended=True),
        Product(id="entra_saml", steps=4),
        Product(id="adfs", steps=4),
        Product(id="google", steps=4),
        Product(id="google_saml", steps=4, has_metadata_url=False),
        Product(id="okta", steps=3),
        Product(id="keycloak", steps=3),
        Product(id="haka_virtu", steps=3),
        Product(id="kerberos", steps=5),
        Product(id="oidc", steps=2),
        Product(id="saml", steps=2),
    )
}
"""Every product offered, in the order in which it is shown."""


def offered() -> list[Product]:
    """Those that this deployment can connect: Kerberos only where its library is installed."""
    return [each for each in PRODUCTS.values() if each.kind != "kerberos" or acceptor.library()]


def product(name: str) -> Product | None:
    """The product of a connection; one that is not offered is shown as its kind's plain one."""
    if name in PRODUCTS:
        return PRODUCTS[name]
    return PRODUCTS.get(PRESETS[name].kind) if name in PRESETS else None
