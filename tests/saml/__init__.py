"""SAML answers as identity providers send them, made with test keys; whole and broken ones."""
