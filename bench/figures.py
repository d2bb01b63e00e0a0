"""Statistics of samples, and what a figure is worth beside its target."""

from collections.abc import Sequence
from statistics import median


def percentile(values: Sequence[float], percent: int) -> float:
    """Return the smallest of ``values`` that ``percent`` per cent of them do not exceed."""
    ordered = sorted(values)
    rank = -(-len(ordered) * percent // 100)
    return ordered[max(rank, 1) - 1]


def spread(values: Sequence[float]) -> float:
    """Return how far the outermost of ``values`` lies from their median, as a share of it."""
    middle = median(values)
    return max(max(values) - middle, middle - min(values)) / middle


def verdict(value: float, bar: float, aim: float) -> str:
    """Return whether ``value`` reaches the aim, the bar at least, or neither.

    An aim below the bar means that less is better.
    """
    direction = 1 if aim > bar else -1
    if direction * value >= direction * aim:
        return "aim reached"
    return "met" if direction * value >= direction * bar else "MISSED"
