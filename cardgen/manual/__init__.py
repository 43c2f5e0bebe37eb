"""The pages of docs/, as a running service shows them at /docs."""
