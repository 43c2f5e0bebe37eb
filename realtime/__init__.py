"""Who is watching: channel groups, sockets, event streams. Knows no model."""
