"""Who is at the browser: sessions, passwords, mailed links, the sign-in pages. Knows no OAuth.

Every way of signing in ends in a session and goes back to the sealed request it came from.
"""
