"""What the OpenID Foundation's conformance suite checks, module by module, under its own names."""
