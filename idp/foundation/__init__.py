"""What every part stands on and nothing of the domain: time, randomness, storage, mail, text, web.

Knows settings and errors, never persons, clients or tokens.
"""
