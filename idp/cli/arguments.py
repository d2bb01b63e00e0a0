"""Kinds of arguments that several commands take."""

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import click

_ZONE = ZoneInfo("Europe/Helsinki")


class Moment(click.ParamType[datetime]):
    """A date (its first moment in Finland) or an RFC 3339 time; without an offset, Finland's."""

    name = "DATE"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> datetime:
        """The aware moment, in UTC."""
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            self.fail("must be like 2026-03-31 or 2026-03-31T12:00:00+03:00", param, ctx)
        return (moment if moment.tzinfo else moment.replace(tzinfo=_ZONE)).astimezone(UTC)


MOMENT = Moment()
