"""What a dishonest upstream, or somebody between, tries; none of it may ever be believed."""
