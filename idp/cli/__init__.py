"""The command ``idp``: what operators and scripts do, each command a thin cover over the parts.

Results go to standard output (one JSON document with ``--json``), messages to standard error.
Exit status: 0 done, 1 refused, 2 bad usage or configuration. It speaks English only.
"""

from idp.cli.program import main

__all__ = ["main"]
