"""Months as numbers: 12 a year, counted from the year 0."""

from datetime import date


def month_number(day: date) -> int:
    """Count months as year * 12 + month - 1."""
    return day.year * 12 + day.month - 1
