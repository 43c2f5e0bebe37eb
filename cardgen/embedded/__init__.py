"""PostgreSQL and Valkey that live in one folder (VAR), for machines that have neither."""
