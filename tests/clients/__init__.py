"""Registered clients: their metadata, keys and subjects."""
