"""Many workers and 10^9 cards on paper: a simulation fed with costs measured on real runs."""
