"""The names of the deeds: ``subject.aspect.happened``, never renamed once released.

Each has its sentence ``audit.event.<value>`` in every language. Consumers choose by these names.
"""

from enum import StrEnum


class Event(StrEnum):
    """A kind of deed."""

    # Persons, in their own hands or in others'
    PERSON_ADDED = "person.added"
    PERSON_LOCKED = "person.locked"
    PERSON_UNLOCKED = "person.unlocked"
    PEOPLE_IMPORTED = "people.imported"
    PROFILE_CHANGED = "profile.changed"
    USERNAME_CHANGED = "username.changed"
    EMAIL_CHANGE_REQUESTED = "email.change.requested"
    EMAIL_CONFIRMED = "email.confirmed"

    # Memberships
    MEMBERSHIP_ADDED = "membership.added"
    MEMBERSHIP_CHANGED = "membership.changed"
    MEMBERSHIP_LOCKED = "membership.locked"
    MEMBERSHIP_UNLOCKED = "membership.unlocked"
    MEMBERSHIP_REMOVED = "membership.removed"

    # Organizations and those who run the whole
    ORGANIZATION_CREATED = "organization.created"
    ORGANIZATION_SUSPENDED = "organization.suspended"
    ORGANIZATION_RESUMED = "organization.resumed"
    OPERATOR_APPOINTED = "operator.appointed"

    # Passwords and mailed links
    PASSWORD_LINK_REQUESTED = "password.link.requested"
    PASSWORD_LINK_SHOWN = "password.link.shown"
    PASSWORD_CHANGED = "password.changed"
    PASSWORD_DELETED = "password.deleted"
    MAIL_BOUNCED = "mail.bounced"
    MAIL_FAILED = "mail.failed"

    # Signing in and out
    SIGNED_IN = "session.begun"
    SIGN_IN_FAILED = "sign_in.failed"
    SESSION_ENDED = "session.ended"

    # What clients get, and how they lose it
    GRANT_ISSUED = "grant.issued"
    GRANT_REVOKED = "grant.revoked"
    CODE_REPLAYED = "code.replayed"
    DEVICE_APPROVED = "device.approved"
    DEVICE_REFUSED = "device.refused"
    REFRESH_TOKEN_REUSED = "refresh_token.reused"
    CONSENT_GIVEN = "consent.given"
    CONSENT_REFUSED = "consent.refused"
    CONSENT_REVOKED = "consent.revoked"
    LOGOUT_DELIVERED = "logout.delivered"
    LOGOUT_FAILED = "logout.failed"

    # Clients
    CLIENT_REGISTERED = "client.registered"
    CLIENT_UPDATED = "client.updated"
    CLIENT_DELETED = "client.deleted"
    CLIENT_INVITED = "client.invited"
    CLIENT_INVITATION_REVOKED = "client.invitation.revoked"
    CLIENT_SECRET_ROTATED = "client.secret.rotated"
    CLIENT_DISABLED = "client.disabled"
    CLIENT_ENABLED = "client.enabled"

    # Connections to the organizations' own single sign-on, and who is linked through them
    CONNECTION_CREATED = "connection.created"
    CONNECTION_CHANGED = "connection.changed"
    CONNECTION_METADATA_ACCEPTED = "connection.metadata_accepted"
    CONNECTION_ENABLED = "connection.enabled"
    CONNECTION_DISABLED = "connection.disabled"
    IDENTITY_LINKED = "identity.linked"
    IDENTITY_UNLINKED = "identity.unlinked"
    IDENTITY_LINK_APPROVED = "identity.link_approved"
    PROFILE_SYNCED = "profile.synced"
    ARRIVAL_REFUSED = "arrival.refused"
    DOMAIN_ADDED = "domain.added"
    DOMAIN_VERIFIED = "domain.verified"
    DOMAIN_REMOVED = "domain.removed"

    # Keys
    KEY_ROTATED = "key.rotated"
    KEY_REVOKED = "key.revoked"
    KEYS_REWRAPPED = "keys.rewrapped"

    BREAK_GLASS_CHOSEN = "break_glass.chosen"
    BREAK_GLASS_USED = "break_glass.used"

    # Passes: secret addresses that open one thing of an organization
    PASS_ISSUED = "pass.issued"
    PASS_TAKEN_UP = "pass.taken_up"
    PASS_REVOKED = "pass.revoked"

    # The system itself
    SYSTEM_INITIALIZED = "system.initialized"
    SYSTEM_MIGRATED = "system.migrated"
    SYSTEM_BACKED_UP = "system.backed_up"
    SYSTEM_RESTORED = "system.restored"
    AUDIT_EXPORTED = "audit.exported"
    PROBLEM_SHOWN = "problem.shown"
