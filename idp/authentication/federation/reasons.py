"""Why an arrival was refused: a stable code each, with words for the person, IT and the operator.

The texts are ``federation.reason.<code>.person|it|operator``, complete in every language by test.
A code once released is never renamed: people read it to support, and scripts count it.
"""

from enum import StrEnum

from idp.errors import IdpError
from idp.foundation.locale import translate


class Reason(StrEnum):
    """What stood in the way."""

    # On our side of the way
    CONNECTION_DISABLED = "connection_disabled"
    ORGANIZATION_SUSPENDED = "organization_suspended"
    TOO_MANY_TRIES = "too_many_tries"
    ATTEMPT_UNKNOWN = "attempt_unknown"
    ATTEMPT_USED = "attempt_used"
    ATTEMPT_EXPIRED = "attempt_expired"
    OTHER_BROWSER = "other_browser"
    REPLAYED = "replayed"

    # The upstream did not answer, or said no
    UPSTREAM_UNREACHABLE = "upstream_unreachable"
    UPSTREAM_GARBLED = "upstream_garbled"
    UPSTREAM_REFUSED = "upstream_refused"
    UPSTREAM_ERROR = "upstream_error"
    CLIENT_REFUSED = "client_refused"
    CODE_REFUSED = "code_refused"

    # Its answer does not hold
    METADATA_ISSUER_MISMATCH = "metadata_issuer_mismatch"
    METADATA_INCOMPLETE = "metadata_incomplete"
    ANSWER_INCOMPLETE = "answer_incomplete"
    ANSWER_ISSUER_MISMATCH = "answer_issuer_mismatch"
    TOKEN_MISSING = "token_missing"
    TOKEN_MALFORMED = "token_malformed"
    ALGORITHM_REFUSED = "algorithm_refused"
    KEY_UNKNOWN = "key_unknown"
    SIGNATURE_INVALID = "signature_invalid"
    ISSUER_MISMATCH = "issuer_mismatch"
    AUDIENCE_MISMATCH = "audience_mismatch"
    NONCE_MISMATCH = "nonce_mismatch"
    EXPIRED = "expired"
    NOT_YET_VALID = "not_yet_valid"
    TOKEN_HASH_MISMATCH = "token_hash_mismatch"
    USERINFO_SUBJECT_MISMATCH = "userinfo_subject_mismatch"
    SIGN_IN_TOO_OLD = "sign_in_too_old"
    TENANT_MISMATCH = "tenant_mismatch"
    SUBJECT_MISSING = "subject_missing"

    # What only SAML can get wrong
    SAML_UNREADABLE = "saml_unreadable"
    SAML_FORBIDDEN_XML = "saml_forbidden_xml"
    SAML_TOO_LARGE = "saml_too_large"
    SAML_DUPLICATE_ID = "saml_duplicate_id"
    SAML_SHAPE = "saml_shape"
    SAML_VERSION = "saml_version"
    SAML_STATUS = "saml_status"
    SAML_NOT_SIGNED = "saml_not_signed"
    SAML_SIGNATURE_SHAPE = "saml_signature_shape"
    SAML_ALGORITHM = "saml_algorithm"
    SAML_DECRYPTION = "saml_decryption"
    SAML_DESTINATION = "saml_destination"
    SAML_RECIPIENT = "saml_recipient"
    SAML_IN_RESPONSE_TO = "saml_in_response_to"
    SAML_UNSOLICITED = "saml_unsolicited"
    SAML_NEEDS_REQUEST = "saml_needs_request"
    SAML_CONDITION = "saml_condition"
    SAML_CONFIRMATION = "saml_confirmation"
    SAML_NO_AUTHENTICATION = "saml_no_authentication"
    SAML_SESSION_OVER = "saml_session_over"
    SAML_METADATA = "saml_metadata"
    SAML_METADATA_EXPIRED = "saml_metadata_expired"
    SAML_METADATA_ENTITY = "saml_metadata_entity"
    SAML_NO_KEY = "saml_no_key"

    # What only Kerberos can get wrong
    KERBEROS_NOT_OFFERED = "kerberos_not_offered"
    KERBEROS_NTLM = "kerberos_ntlm"
    KERBEROS_UNREADABLE = "kerberos_unreadable"
    KERBEROS_SERVICE = "kerberos_service"
    KERBEROS_KEY = "kerberos_key"
    KERBEROS_REALM = "kerberos_realm"
    KERBEROS_PRINCIPAL = "kerberos_principal"
    KERBEROS_EXPIRED = "kerberos_expired"
    KERBEROS_SKEW = "kerberos_skew"
    KERBEROS_UNAVAILABLE = "kerberos_unavailable"

    # Who it is
    ATTRIBUTE_MISSING = "attribute_missing"
    ATTRIBUTE_INVALID = "attribute_invalid"
    PERSON_UNKNOWN = "person_unknown"
    USERNAME_TAKEN = "username_taken"
    NOT_IN_PILOT = "not_in_pilot"
    LINK_NOT_PROVED = "link_not_proved"
    ALREADY_LINKED = "already_linked"
    PERSON_LOCKED = "person_locked"
    MEMBERSHIP_LOCKED = "membership_locked"
    MEMBERSHIP_REMOVED = "membership_removed"


class Reader(StrEnum):
    """Whom a text is for."""

    PERSON = "person"
    IT = "it"
    OPERATOR = "operator"


def explain(reason: Reason, reader: Reader, locale: str) -> str:
    """What happened and what to do about it, in this reader's words."""
    return translate(locale, f"federation.reason.{reason}.{reader}")


class FederationRefused(IdpError):
    """An arrival that cannot go on; ``expected`` and ``received`` are for IT, side by side.

    Neither may hold a secret, a token or an assertion; what names a person is masked by whoever
    raises it.
    """

    code = "federation"
    status = 403

    def __init__(
        self, reason: Reason, *, expected: str = "", received: str = "", field: str = ""
    ) -> None:
        self.reason = reason
        self.expected = expected[:500]
        self.received = received[:500]
        self.field = field
        super().__init__(reason=reason.value)
