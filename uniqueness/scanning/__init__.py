"""Card numbers in logs and dumps of any size: found, looked up, told apart (docs/scanning.md)."""
