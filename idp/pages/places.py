"""The organizations of a session: which of them it opens, and which one is acted in."""

from idp.authentication.session import Place, Session


def is_ours(session: Session) -> bool:
    """Whether the account itself was opened here; an organization vouches only inside itself."""
    return any(proof.organization is None for proof in session.authentications)


def open_places(session: Session) -> list[Place]:
    """The organizations that this session opens, by name."""
    return [place for place in session.places if session.opens(place)]


def chosen_place(session: Session) -> Place | None:
    """The organization the person acts in: the one chosen, else the last one, else the first."""
    places = {place.organization_id: place for place in open_places(session)}
    for wanted in (session.organization_id, session.last_organization_id):
        if wanted in places:
            return places[wanted]
    return next(iter(places.values()), None)
