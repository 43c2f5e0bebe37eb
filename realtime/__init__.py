"""Who is watching: channel groups, events, consumers. Knows no model."""
