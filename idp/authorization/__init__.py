"""What a client gets: codes, tokens, claims, and word of what ended.

An endpoint is a function from a `protocol.Request` to a `protocol.Response`, mounted before Flask's
routing (docs/performance.md). Errors here are Authlib's `OAuth2Error` tree.
"""
