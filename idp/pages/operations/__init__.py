"""The operator's console: organizations, the state of the service, the event log.

Only for persons marked as operators, signed in to the account itself; to others it is not there.
"""
