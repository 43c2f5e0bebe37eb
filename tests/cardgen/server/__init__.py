"""The server's own parts."""
