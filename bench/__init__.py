"""The benchmark: OpenID Providers driven from outside, by the standards and their sign-in pages.

Here are the load generator, the ways it walks, the servers it measures and the report. Nothing here
imports ``idp`` or knows how it works inside: a provider is an address, a process tree and some
people with passwords.

To add a way: write what the visitor does as a story (`steps` has the standard's exchanges; a story
yields a request's bytes, is sent the answer and raises ``WrongAnswer`` where it is not as it must
be), name it in `ways.WAYS` with its preparation, the limit that bounds it and its targets, and give
both `ours` and `peer` the client it needs. Report, JSON and ``--ways`` follow from the table.
"""
