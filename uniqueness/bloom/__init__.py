"""Layer 4: a Bloom filter for each window of a million slots. Only a hint: lost, nothing breaks."""
