"""The dashboard: order form, job pages, buttons."""
