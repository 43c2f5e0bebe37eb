"""How long migrations take on large tables, and how long a writer waits for them."""
