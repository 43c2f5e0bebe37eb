"""Load over HTTP: clients in a process of their own against the whole service."""
