"""The rivals do what they promise."""
