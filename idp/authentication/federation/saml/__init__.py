"""SAML 2.0, our half of it: a strict service provider on lxml, signxml and cryptography.

It reads what an organization's identity provider says and writes what we ask of it: bytes and
values in, values and bytes out. It knows no request, no store and no page; what is once-only it
names, and its caller keeps. docs/federation/saml.md says exactly what is accepted and why.
"""
