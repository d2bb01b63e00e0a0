"""Odd requests, generated from a table of every endpoint: none may make a 5xx (`make fuzz`)."""
