"""The dashboard: order, list, one job, buttons."""
