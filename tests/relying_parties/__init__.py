"""Relying parties that are not ours, and the example portal, against the running provider."""
