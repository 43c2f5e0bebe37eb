"""API keys: made, found by what was sent, suspended, shown over HTTP and on a page."""
