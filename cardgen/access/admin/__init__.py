"""The admin of keys, quotas, teams and users; Django loads it by this name."""

from cardgen.access.admin import keys, quotas, teams, users  # noqa: F401 (they register themselves)
