"""The whole stack through a real PgBouncer in transaction mode."""
