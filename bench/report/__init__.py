"""What a run found: on the terminal, in files, in a page, and beside earlier runs."""
