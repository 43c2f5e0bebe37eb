"""Our catalogue beside the tables of well-kept validators, as facts with versions and sources."""
