import pytest

from bench.figures import percentile, spread, verdict


@pytest.mark.parametrize(
    ("values", "percent", "expected"),
    [
        ([7], 99, 7),
        ([3, 1, 2], 50, 2),
        ([4, 3, 2, 1], 50, 2),
        (range(1, 101), 99, 99),
        (range(1, 102), 99, 100),
    ],
)
def test_a_percentile_is_the_value_at_the_nearest_rank(
    values: list[float], percent: int, expected: float
) -> None:
    assert percentile(values, percent) == expected


def test_spread_is_the_farthest_value_from_the_median_in_shares_of_it() -> None:
    assert spread([8, 10, 15]) == 0.5


@pytest.mark.parametrize(
    ("value", "bar", "aim", "expected"),
    [
        (4.5, 2.5, 4.5, "aim reached"),
        (2.5, 2.5, 4.5, "met"),
        (2.4, 2.5, 4.5, "MISSED"),
        (0.25, 0.5, 0.25, "aim reached"),
        (0.5, 0.5, 0.25, "met"),
        (0.6, 0.5, 0.25, "MISSED"),
    ],
)
def test_a_target_may_point_up_or_down(value: float, bar: float, aim: float, expected: str) -> None:
    assert verdict(value, bar, aim) == expected
