"""Kerberos by SPNEGO (RFC 4559, RFC 4178, RFC 4121): an organization's own Windows domain.

It owns what a browser's ``Negotiate`` says and what of it we accept: tokens and a keytab in, a
principal out. It knows no person and no store; docs/federation/kerberos.md says what is refused.
"""
