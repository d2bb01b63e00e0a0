"""npm oidc-provider with its state in Redis, as bench/node/provider.mjs sets it up."""

import json
import subprocess
from collections.abc import Mapping

from joserfc.jwk import ECKey, RSAKey

from bench.clients import REGISTRATIONS, Client, Registration, metadata, new_key
from bench.servers import ROOT, Contestant
from bench.site import Person, Site
from tests.servers.node import FLAGS
from tests.servers.redis import RedisServer

NODE_FOLDER = ROOT / "bench" / "node"
PEOPLE = 32


class Peer(Contestant):
    """The server that ours is measured beside."""

    name = "oidc-provider"

    def __init__(self, core: int, redis: RedisServer) -> None:
        super().__init__(core, [redis])
        self._redis_url = redis.url
        self._keys = [
            _jwk(RSAKey.generate_key(2048), "RS256"),
            _jwk(ECKey.generate_key("P-256"), "ES256"),
        ]
        self._clients = {registration: _client(registration) for registration in REGISTRATIONS}

    def command(self) -> list[str]:
        given = {
            "port": self.port,
            "redis": self._redis_url,
            "jwks": {"keys": self._keys},
            "clients": [_registered(*each) for each in self._clients.items()],
        }
        return ["node", *FLAGS, str(NODE_FOLDER / "provider.mjs"), json.dumps(given)]

    def environment(self) -> Mapping[str, str]:
        return {"NODE_ENV": "production"}

    def site(self) -> Site:
        people = [Person(f"person{number}", "any password") for number in range(PEOPLE)]
        return self.discovered(self._clients, people)


def install() -> None:
    """Bring node_modules to what package-lock.json says, where it is not."""
    lock, installed = (
        NODE_FOLDER / "package-lock.json",
        NODE_FOLDER / "node_modules/.package-lock.json",
    )
    if not installed.exists() or installed.stat().st_mtime < lock.stat().st_mtime:
        command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
        subprocess.run(command, cwd=NODE_FOLDER, check=True, stdout=subprocess.DEVNULL)


def _jwk(key: RSAKey | ECKey, algorithm: str) -> dict[str, object]:
    return {**key.as_dict(private=True), "kid": algorithm, "use": "sig", "alg": algorithm}


def _client(registration: Registration) -> Client:
    key = new_key(registration)
    return Client(
        client_id="-".join(["bench", *(str(each) for each in registration)]),
        client_secret="" if key else "a secret that only the benchmark knows",
        algorithm=registration.algorithm,
        scope="openid profile email",
        key=key,
    )


def _registered(registration: Registration, client: Client) -> dict[str, object]:
    own = {"client_id": client.client_id}
    secret = {"client_secret": client.client_secret} if client.client_secret else {}
    return {**own, **secret, **metadata(registration, client.key)}
