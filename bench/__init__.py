"""The benchmark: OpenID Providers driven from outside, by the standards and their sign-in pages.

Here are the load generator, the ways it walks, the servers it measures and the report. Nothing here
imports ``idp`` or knows how it works inside: a provider is an address, a process tree and some
people with passwords.
"""
