"""The command `idp`: its words, its answers, its processes."""
