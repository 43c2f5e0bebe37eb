"""What is unlike normal use: found by rules, written down, told, and stopped if so set."""
