"""What holds whatever people and clients do, in whatever order: random walks over the provider."""
