"""What each layer did."""
