"""Many who watch one running job: when the last one saw its end, and what that took."""
