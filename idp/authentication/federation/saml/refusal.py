"""Why a SAML message is refused: a stable reason, what was expected and what came."""

from enum import StrEnum


class SamlReason(StrEnum):
    """What was wrong; each has a text for the person, for IT and for the operator."""

    UNREADABLE = "saml_unreadable"
    """Not XML in UTF-8, or not a SAML message at all."""
    FORBIDDEN_XML = "saml_forbidden_xml"
    """A DTD, a processing instruction: XML that no SAML message needs."""
    TOO_LARGE = "saml_too_large"
    """More bytes, elements, attributes or levels than any real answer has."""
    DUPLICATE_ID = "saml_duplicate_id"
    """Two elements bear one ID: the mark of a wrapped signature."""
    UNEXPECTED_SHAPE = "saml_unexpected_shape"
    """Elements missing, repeated, or where none belong."""
    VERSION = "saml_version"
    STATUS = "saml_status"
    """The identity provider itself said no; its status is what was received."""
    NOT_SIGNED = "saml_not_signed"
    SIGNATURE_SHAPE = "saml_signature_shape"
    """A signature with other transforms, references or places than the one form we accept."""
    ALGORITHM = "saml_algorithm"
    SIGNATURE = "saml_signature"
    """No pinned key made this signature."""
    DECRYPTION = "saml_decryption"
    """What was encrypted does not open, or what it holds is not a signed assertion."""
    ISSUER = "saml_issuer"
    DESTINATION = "saml_destination"
    RECIPIENT = "saml_recipient"
    AUDIENCE = "saml_audience"
    IN_RESPONSE_TO = "saml_in_response_to"
    UNSOLICITED = "saml_unsolicited"
    """Nobody asked, and the connection does not take unasked answers."""
    TOO_EARLY = "saml_too_early"
    TOO_LATE = "saml_too_late"
    CONDITION = "saml_condition"
    """A condition we do not know, so must not take for met (core 2.5.1.1)."""
    CONFIRMATION = "saml_confirmation"
    NO_AUTHENTICATION = "saml_no_authentication"
    NOT_FRESH = "saml_not_fresh"
    """A new sign-in was asked for, and an old one came."""
    SESSION_OVER = "saml_session_over"
    REPLAYED = "saml_replayed"
    SUBJECT = "saml_subject"
    """What the connection names people by is missing, repeated or of another kind."""
    METADATA = "saml_metadata"
    """The identity provider's metadata cannot be used."""
    METADATA_EXPIRED = "saml_metadata_expired"
    METADATA_ENTITY = "saml_metadata_entity"
    NO_KEY = "saml_no_key"
    """The metadata names no signing key that is strong enough."""
    UNKNOWN_SESSION = "saml_unknown_session"
    """A logout for nobody who is signed in here."""


class SamlRefused(Exception):
    """A message is refused; ``expected`` and ``received`` are for the organization's IT."""

    def __init__(self, reason: SamlReason, *, expected: str = "", received: str = "") -> None:
        super().__init__(reason.value)
        self.reason = reason
        self.expected = expected
        self.received = received[:_LONGEST]


_LONGEST = 500
