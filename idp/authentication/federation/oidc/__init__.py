"""OpenID Connect upstream: discovery, the code flow with PKCE, and every check of an ID token.

Nothing of an upstream's metadata decides how strictly we check: issuer and algorithms are the
connection's own (`docs/federation`).
"""
