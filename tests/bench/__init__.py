"""The simulation of many workers."""
