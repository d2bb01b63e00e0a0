"""The benchmark: OpenID Providers driven from outside, by the standards and their sign-in pages.

Here are the load generator, the ways it walks, the servers it measures and the report. A provider
is an address, a process tree, some people with passwords and some who arrive from upstream; nothing
here imports ``idp`` or knows how it works inside, but for `checking`.

To add a way: write what the visitor does as a story (`steps` has the standard's exchanges; a story
yields a request's bytes, is sent the answer and raises ``WrongAnswer`` where it is not as it must
be), let a turn of `turns` tell it, and name that in `ways.WAYS` with its preparation, the limit
that bounds it and its targets; a client it needs goes into `clients.REGISTRATIONS`. Report, JSON
and ``--ways`` follow from the table.
"""
