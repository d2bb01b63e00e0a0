"""Who there is and who may edit what: persons, usernames for ever, organizations, memberships.

Knows no browser, no password and no token. `access` answers every question of permission;
`main_users` asks it for those who act on their own organization's people; the rest does as told.
"""
