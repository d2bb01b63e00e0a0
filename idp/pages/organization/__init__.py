"""The main user's console of an organization: its people, what became of them, its event log.

Everything is reached through `entrance`, which lets in the organization's main users and operators
and is a wall to all others. What may be done to whom is `idp.directory.access`'s to say.
"""
