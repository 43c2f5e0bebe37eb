"""Break cardgen on purpose, with real signals, and prove that nothing is lost."""
