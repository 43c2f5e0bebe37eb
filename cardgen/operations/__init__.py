"""The whole service at a glance, read from the rows: what Valkey forgets is not missed."""
