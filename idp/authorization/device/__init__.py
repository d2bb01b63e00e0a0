"""Signing in on a device without a browser of its own (RFC 8628).

The device gets two codes, the person types the short one in a browser elsewhere, sees who asks from
where, and answers; the device asks again until then. What it gets is a `Grant` like any other.
"""
