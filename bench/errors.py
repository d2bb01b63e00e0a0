"""What ends a run: a benchmark with a wrong answer in it has no result."""


class BenchError(Exception):
    """The run cannot go on; the text says why."""


class WrongAnswer(BenchError):
    """A server answered otherwise than the way expects."""
