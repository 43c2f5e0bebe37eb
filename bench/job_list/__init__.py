"""The list of jobs with 100,000 rows: what its page and its searches take."""
