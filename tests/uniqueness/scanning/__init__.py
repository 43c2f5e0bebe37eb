"""Card numbers found in logs and dumps."""
