"""Tables as files for spreadsheets: CSV as Finnish ones open it, no cell of it a formula."""

import csv
import io
from collections.abc import Iterable, Sequence

from werkzeug.wrappers import Response

from idp.directory.people_file import safe_cell

_MARK = "\ufeff"
"""By the byte order mark a spreadsheet knows that the letters are UTF-8."""


def table(heading: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """The text of the file."""
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
    writer.writerow(heading)
    writer.writerows([safe_cell(str(cell)) for cell in row] for row in rows)
    return _MARK + text.getvalue()


def download(name: str, content: str) -> Response:
    """The file as an answer that the browser keeps under this name."""
    return Response(
        content,
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )
