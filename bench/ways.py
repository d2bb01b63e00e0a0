"""The ways a benchmark walks, and what each is judged by.

``at_least`` and ``aim`` are our targets for the figure that ``judged_by`` names, a ratio to the
peer unless it says otherwise; ``limit`` names the operation that bounds the way, ``parts`` those
that are part of a turn and are timed alone.
"""

from collections.abc import Callable
from dataclasses import dataclass

from bench import turns
from bench.clients import Registration
from bench.steps import Story
from bench.turns import Visitor

_ES256 = Registration()
_RS256 = Registration("RS256")


@dataclass(frozen=True, kw_only=True)
class Way:
    """One thing to measure.

    ``hashing`` needs a provider whose passwords are really hashed, ``arrives`` one that people come
    to from an identity provider upstream.
    """

    name: str
    turn: Callable[[Visitor], Story[None]]
    prepare: Callable[[Visitor], Story[None]]
    limit: str
    registration: Registration = _ES256
    hashing: bool = False
    arrives: bool = False
    parts: tuple[str, ...] = ()
    judged_by: str = "per_cpu_second_to_peer"
    at_least: float
    aim: float


WAYS = (
    Way(
        name="discovery",
        prepare=turns.first_discovery,
        turn=turns.discovery,
        limit="empty_wsgi",
        at_least=1.2,
        aim=6,
    ),
    Way(
        name="jwks",
        prepare=turns.first_jwks,
        turn=turns.jwks,
        limit="empty_wsgi",
        at_least=1.2,
        aim=6,
    ),
    Way(
        name="flow ES256",
        prepare=turns.nothing,
        turn=turns.sign_in,
        limit="p256_sign",
        at_least=2.5,
        aim=4.5,
    ),
    Way(
        name="flow RS256",
        prepare=turns.nothing,
        turn=turns.sign_in,
        limit="rsa_sign",
        registration=_RS256,
        at_least=2,
        aim=3,
    ),
    Way(
        name="PAR + JAR + DPoP",
        prepare=turns.nothing,
        turn=turns.sign_in_bound,
        limit="p256_verify",
        registration=Registration(is_signed=True),
        at_least=1,
        aim=2.5,
    ),
    Way(
        name="sso ES256",
        prepare=turns.sign_in,
        turn=turns.return_signed_in,
        limit="p256_sign",
        at_least=2.5,
        aim=4.5,
    ),
    Way(
        name="refresh ES256",
        prepare=turns.sign_in,
        turn=turns.rotate,
        limit="fdatasync",
        registration=Registration(refreshes=True),
        at_least=2.5,
        aim=4.5,
    ),
    Way(
        name="refresh RS256",
        prepare=turns.sign_in,
        turn=turns.rotate,
        limit="rsa_sign",
        registration=Registration("RS256", refreshes=True),
        at_least=1.3,
        aim=1.5,
    ),
    Way(
        name="userinfo",
        prepare=turns.sign_in,
        turn=turns.ask_userinfo,
        limit="empty_wsgi",
        at_least=1.5,
        aim=3.5,
    ),
    Way(
        name="client_credentials opaque",
        prepare=turns.nothing,
        turn=turns.ask_opaque,
        limit="empty_wsgi",
        at_least=2,
        aim=4.5,
    ),
    Way(
        name="client_credentials ES256",
        prepare=turns.nothing,
        turn=turns.ask_jwt,
        limit="p256_sign",
        at_least=2,
        aim=4.5,
    ),
    Way(
        name="client_credentials RS256",
        prepare=turns.nothing,
        turn=turns.ask_jwt,
        limit="rsa_sign",
        registration=_RS256,
        at_least=1.3,
        aim=1.4,
    ),
    Way(
        name="introspection",
        prepare=turns.sign_in,
        turn=turns.ask_introspection,
        limit="empty_wsgi",
        at_least=1.5,
        aim=3.5,
    ),
    Way(
        name="password",
        prepare=turns.nothing,
        turn=turns.sign_in,
        limit="argon2_verify",
        hashing=True,
        judged_by="of_limit",
        at_least=0.85,
        aim=0.95,
    ),
    Way(
        name="arrival OIDC",
        prepare=turns.first_by_oidc,
        turn=turns.by_oidc,
        limit="rsa_verify",
        arrives=True,
        parts=("id_token_checked",),
        judged_by="per_cpu_second",
        at_least=150,
        aim=300,
    ),
    Way(
        name="arrival SAML",
        prepare=turns.first_by_saml,
        turn=turns.by_saml,
        limit="rsa_verify",
        arrives=True,
        parts=("saml_answer_read", "saml_signature_checked"),
        judged_by="per_cpu_second",
        at_least=150,
        aim=300,
    ),
)
