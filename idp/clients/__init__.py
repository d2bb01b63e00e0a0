"""Relying parties and their registration, in RFC 7591's words. Knows no person and no token."""
