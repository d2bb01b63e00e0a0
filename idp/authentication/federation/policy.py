"""What an organization decides about its arrivals: ``policy`` in a connection's document."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field


class Policy(BaseModel):
    """What the organization decides about its arrivals."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    create_people: bool = True
    """Whether a first arrival forms an account (M9); otherwise a main user adds people first."""
    empty_clears: tuple[Literal["email", "title", "unit"], ...] = ("title", "unit")
    """Which fields an upstream empties by asserting them empty."""
    dormant_after_days: int = Field(180, ge=1, le=3650)
    """After how long without an arrival a person counts as gone."""
    pilot: Annotated[
        tuple[Annotated[str, Field(min_length=1, max_length=254)], ...], Field(max_length=200)
    ] = ()
    """The usernames that come in while the connection is not switched on for everybody."""
    allow_unsolicited: bool = False
    """Whether a SAML answer that nobody asked for opens a session; it links to no account."""
