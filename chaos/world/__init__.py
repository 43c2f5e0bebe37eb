"""Real servers, programs and clients for a scenario, and what disturbs them."""
