"""Watchers of a job."""
