"""One's own account: what one may, what one took, and the password."""
