"""Ask about numbers, with the jobs that they belong to."""

from jobs.lookup.scan_report import Labels, Tally, line_of, rows, safe

__all__ = ["Labels", "Tally", "line_of", "rows", "safe"]
