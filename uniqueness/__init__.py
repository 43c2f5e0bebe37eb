"""No number twice, and therefore storage: reservations, ledger, exclusions."""
