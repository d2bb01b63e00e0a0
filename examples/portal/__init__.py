"""The example portal: a small relying party that shows how people sign in through the provider.

It owns its own sessions and records and knows the provider only by its public endpoints: nothing
of `idp` is imported here.
"""
