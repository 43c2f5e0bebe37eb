"""What was asked for and how far it is."""
