"""Real servers, real signals."""
