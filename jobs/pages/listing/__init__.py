"""The list of jobs: searched, folded, and changed many at once."""
