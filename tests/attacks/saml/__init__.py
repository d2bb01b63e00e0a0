"""What a forger tries on a SAML service provider; none of it may ever be believed."""
