"""The IT person's pages of an organization: its connections, their tests, calendar and diagnosis.

Everything is reached through `entrance`: the organization's IT persons and main users, operators,
and a browser that took up a setup link. None of them sees people here but in counts; what the main
user has to settle about somebody is shown to main users and operators alone.
"""
