"""No request, however odd, makes a 5xx; every refusal is in the standard's words (`make fuzz`)."""

import os

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.fuzz.calls import calls, send
from tests.fuzz.endpoints import PAGES, PROTOCOL, Endpoint
from tests.fuzz.judgement import judge
from tests.fuzz.world import World

EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "40"))
"""Requests to each endpoint; bounded in the suite, thousands under `make fuzz`."""


@pytest.mark.parametrize("endpoint", [*PROTOCOL, *PAGES], ids=lambda endpoint: endpoint.path)
def test_an_odd_request_is_refused_in_the_standards_words(world: World, endpoint: Endpoint) -> None:
    strategy = calls(world, endpoint)

    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        print_blob=True,
        suppress_health_check=list(HealthCheck),
    )
    @given(st.data())
    def ask(data: st.DataObject) -> None:
        world.forget_limits()
        call = data.draw(strategy)
        judge(endpoint.words, call, send(world.provider.app, call))

    ask()
