"""Kerberos: a real KDC, what its tickets open here and what is tried with them."""
