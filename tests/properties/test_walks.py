"""Whatever happens in whatever order: nothing is redeemed twice, nothing outlives its cause.

Nothing is alive after what gave it died, a family has at most one living refresh token, and
introspection agrees with userinfo (RFC 6749 section 10.5, RFC 9700 section 4.14, RFC 7662).
"""

from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.properties.walk import Walk
from tests.provider import Provider


def test_nothing_is_redeemed_twice_and_nothing_outlives_what_gave_it(provider: Provider) -> None:
    run_state_machine_as_test(
        type("WalkHere", (Walk,), {"provider": provider}),
        settings=settings(
            max_examples=8,
            stateful_step_count=25,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
