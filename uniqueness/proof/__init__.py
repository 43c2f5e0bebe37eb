"""Evidence that no number is there twice, read from the tables themselves; changes nothing."""
