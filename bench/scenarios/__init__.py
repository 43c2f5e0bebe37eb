"""A day's work of a test department, all at once (`make load`): docs/load.md."""
