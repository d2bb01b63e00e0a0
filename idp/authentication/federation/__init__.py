"""Federation: an organization's own single sign-on, from its connection to the person's arrival.

Owns the connections, what came of each arrival and who is linked to which upstream identity. The
protocols (``oidc``, ``saml``) turn an answer into one `identity.ExternalIdentity`; they know no
person. Everything after that value is the same for all of them. Knows no OAuth of our own clients.
"""
