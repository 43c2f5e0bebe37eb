"""The faults, one scenario a file (docs/reliability.md)."""
