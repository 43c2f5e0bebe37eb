"""Pages of people and teams; what they do is in cardgen.access.people."""
