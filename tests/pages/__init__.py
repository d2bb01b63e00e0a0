"""The pages over HTTP, and the rules they rest on."""
