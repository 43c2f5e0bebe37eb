"""What all applications share and what knows no model."""
