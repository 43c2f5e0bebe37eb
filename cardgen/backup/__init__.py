"""Backups of the database and of the master key, and the way back."""

from cardgen.backup.creating import create
from cardgen.backup.encryption import new_identity
from cardgen.backup.errors import NotRestored
from cardgen.backup.escrow import take_out
from cardgen.backup.guard import require_whole
from cardgen.backup.keeping import newest, prune
from cardgen.backup.manifest import Manifest, read
from cardgen.backup.restoring import restore
from cardgen.backup.scratch import rehearse

__all__ = [
    "Manifest",
    "NotRestored",
    "create",
    "new_identity",
    "newest",
    "prune",
    "read",
    "rehearse",
    "require_whole",
    "restore",
    "take_out",
]
