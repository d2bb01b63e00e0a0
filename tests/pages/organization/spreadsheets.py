"""Our files as a Finnish spreadsheet opens them."""

import csv
import io

import httpx


def read_table(answer: httpx.Response) -> list[list[str]]:
    """The rows of a file that was sent to be kept."""
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert "attachment" in answer.headers["Content-Disposition"]
    assert answer.content.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig")), delimiter=";"))
