"""What one thread can do of what bounds the ways or is part of them, and nothing else.

`python -m bench.limits SECONDS` prints the rates.
"""

import json
import os
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial

from argon2 import PasswordHasher
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa

from bench import checking

MESSAGE = b"a signing input as long as an ID token's header and claims".ljust(400, b".")
OUR_ARGON2 = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)


def rate(operation: Callable[[], object], seconds: float) -> dict[str, float]:
    """Return how often ``operation`` is done per CPU second and per second by the clock."""
    done = 0
    cpu, begun = time.process_time(), time.perf_counter()
    while time.perf_counter() - begun < seconds:
        operation()
        done += 1
    wall = time.perf_counter() - begun
    return {"cpu": done / (time.process_time() - cpu), "wall": done / wall}


def append_durably(descriptor: int) -> None:
    """Write a page's worth and wait until the disk has it."""
    os.write(descriptor, bytes(4096))
    os.fdatasync(descriptor)


def measure(seconds: float) -> dict[str, dict[str, float]]:
    """Return each limit's rates."""
    rsa_key = rsa.generate_private_key(65537, 2048)
    p256_key = ec.generate_private_key(ec.SECP256R1())
    password_hash = OUR_ARGON2.hash("correct horse battery staple")
    with tempfile.TemporaryFile() as file:
        operations: dict[str, Callable[[], object]] = {
            "rsa_sign": partial(rsa_key.sign, MESSAGE, padding.PKCS1v15(), hashes.SHA256()),
            "p256_sign": partial(p256_key.sign, MESSAGE, ec.ECDSA(hashes.SHA256())),
            "rsa_verify": partial(
                rsa_key.public_key().verify,
                rsa_key.sign(MESSAGE, padding.PKCS1v15(), hashes.SHA256()),
                *(MESSAGE, padding.PKCS1v15(), hashes.SHA256()),
            ),
            "p256_verify": partial(
                p256_key.public_key().verify,
                p256_key.sign(MESSAGE, ec.ECDSA(hashes.SHA256())),
                *(MESSAGE, ec.ECDSA(hashes.SHA256())),
            ),
            "argon2_verify": partial(
                OUR_ARGON2.verify, password_hash, "correct horse battery staple"
            ),
            "fdatasync": partial(append_durably, file.fileno()),
            **checking.operations(),
        }
        return {name: rate(operation, seconds) for name, operation in operations.items()}


if __name__ == "__main__":
    json.dump(measure(float(sys.argv[1])), sys.stdout)
