"""Who may do what: the table of rights, and what asks it."""
