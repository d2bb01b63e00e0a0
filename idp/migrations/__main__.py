"""Write the next version of the schema: what lies between the newest one and the models.

``python -m idp.migrations "add a note to memberships"``; ``make fmt`` puts the file in order.
"""

import re
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal

from alembic import command
from alembic.autogenerate.api import AutogenContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine

from idp.foundation.database import Instant, engine_options, prepare
from idp.migrations.moves import config
from idp.migrations.schema import upgrade


def write(message: str) -> Path:
    """Write the version and return its file."""
    with TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/idp.db"
        engine = prepare(create_engine(url, **engine_options(url)))
        scripts = ScriptDirectory.from_config(config())
        if scripts.get_current_head():
            upgrade(engine)
        number = len(list(scripts.walk_revisions())) + 1
        with engine.connect() as connection:
            written = command.revision(
                config(connection, rendering={"render_item": _render}),
                message,
                autogenerate=True,
                rev_id=f"{number:04}",
            )
        engine.dispose()
    path = Path(str(getattr(written, "path", "")))
    path.write_text(re.sub(r"^ *# ###.*\n", "", path.read_text(), flags=re.MULTILINE))
    return path


def _render(kind: str, item: Any, _context: AutogenContext) -> str | Literal[False]:
    """Write our types as what they are in the store: a version outlives the code around it."""
    return "sa.BigInteger()" if kind == "type" and isinstance(item, Instant) else False


if __name__ == "__main__":
    if len(sys.argv) != 2 or not re.fullmatch(r"\w[\w ,-]+", sys.argv[1]):
        sys.exit(__doc__)
    sys.stderr.write(f"{write(sys.argv[1])}\n")
