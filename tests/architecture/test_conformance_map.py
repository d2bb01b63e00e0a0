"""docs/conformance.md has every module of the suite's plans, each with a test that is there."""

import re

import pytest

from tests.architecture.tree import files, read

MODULES = {
    "Basic": 38,
    "Config": 1,
    "Dynamic": 18,
    "RP-Initiated Logout": 11,
    "Front-Channel Logout": 2,
    "Back-Channel Logout": 2,
    "Session Management": 2,
    "Third-Party-Initiated Login": 2,
    "FAPI 2.0": 67,
}
"""Plan → how many modules of the code flow it has, the ones of an earlier plan apart."""
ROWS = re.findall(
    r"^\| ([\w .-]+) \| `([\w-]+)` \| (.+) \|$", read("docs/conformance.md"), re.MULTILINE
)


@pytest.mark.parametrize("plan", MODULES)
def test_every_plan_has_its_modules_once(plan: str) -> None:
    names = [module for of, module, _ in ROWS if of == plan]
    assert len(set(names)) == len(names) == MODULES[plan]


@pytest.mark.parametrize(("plan", "module", "test"), ROWS)
def test_every_module_has_a_test_or_is_skipped_with_a_reason(
    plan: str, module: str, test: str
) -> None:
    assert plan in MODULES
    if test.startswith("skipped: "):
        return
    named = re.fullmatch(r"`(tests/[\w/]+\.py)::(test_\w+)`", test)
    assert named, module
    assert named[1] in files()
    source = read(named[1])
    assert re.search(rf"^def {named[2]}\(", source, re.MULTILINE), test
    is_a_case = module.startswith("oidcc-") and named[2].startswith(("test_a_", "test_what_"))
    is_ours = "conformance" not in named[1]
    assert is_ours or not is_a_case or f'"{module}"' in source, module
