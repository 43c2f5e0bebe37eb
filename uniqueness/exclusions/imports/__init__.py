"""Files of card numbers: read in constant memory, compared, excluded in one transaction."""
