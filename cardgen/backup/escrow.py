"""The master key in a backup, behind a passphrase (scrypt, RFC 7914, as age does it)."""

import os
from pathlib import Path

import pyrage
from django.conf import settings
from pyrage import passphrase

from cardgen.backup.errors import NotRestored
from cardgen.backup.manifest import ESCROW, KeyCheck


def put_in(folder: Path) -> bool:
    """Write the master key into the backup if CARDGEN_BACKUP_PASSPHRASE is set; tell whether."""
    words = settings.CARDGEN_BACKUP_PASSPHRASE
    if words:
        text = settings.CARDGEN_MASTER_KEY.hex().encode()
        (folder / ESCROW).write_bytes(passphrase.encrypt(text, words))
    return bool(words)


def take_out(folder: Path, *, into: Path, check: KeyCheck) -> None:
    """Write the master key of a backup into a new file of mode 0600.

    :raises NotRestored: if the backup holds none, or the passphrase or the key is another one
    :raises OSError: if the file cannot be written, or is there already
    """
    key = _opened(folder)
    if not check.fits(bytes.fromhex(key)):
        raise NotRestored(f"The master key in {folder} is not the one its cards were made with.")
    descriptor = os.open(into, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(f"{key}\n")


def _opened(folder: Path) -> str:
    if not (folder / ESCROW).exists():
        raise NotRestored(f"{folder} holds no master key: it was made without a passphrase.")
    if not settings.CARDGEN_BACKUP_PASSPHRASE:
        raise NotRestored("Set CARDGEN_BACKUP_PASSPHRASE_FILE: the master key is behind it.")
    try:
        sealed = (folder / ESCROW).read_bytes()
        return str(passphrase.decrypt(sealed, settings.CARDGEN_BACKUP_PASSPHRASE), "ascii")
    except pyrage.DecryptError:
        raise NotRestored("The master key was put away behind another passphrase.") from None
