"""How Django writes dates and times in the admin: day before month, 24 hours (settings.py)."""
