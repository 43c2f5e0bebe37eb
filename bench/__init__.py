"""Benchmarks (`make bench`): ratios against something else run in the same minute."""
