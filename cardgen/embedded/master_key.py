"""The two secrets of an embedded installation, made once and kept in VAR with mode 0600.

What anybody else could have laid there is refused, as OpenSSH refuses it.
"""

import os
import re
import secrets
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

from cardgen.embedded.identity import own_uids
from toolkit.endings import DISK_FULL
from toolkit.trusted import read_secret

_HEX = re.compile(r"[0-9a-f]{64}")


class SecretDamaged(ImproperlyConfigured):
    """A secret file does not hold what cardgen wrote into it."""


class VarUnusable(ImproperlyConfigured):
    """A secret can be neither read in VAR nor made there; the message says why."""


def load_or_create(var: Path) -> bytes:
    """Return the 32-byte master key, made at the first call.

    :raises SecretDamaged: if the file was changed; a new key would repeat card numbers
    :raises Untrusted: if it is another user's, or others may read or write it
    :raises VarUnusable: if VAR is no folder, or takes no file
    """
    return bytes.fromhex(_made_once(var / "master.key"))


def secret_key(var: Path) -> str:
    """Return Django's SECRET_KEY, made at the first call.

    :raises SecretDamaged: if the file was changed
    :raises Untrusted: if it is another user's, or others may read or write it
    :raises VarUnusable: if VAR is no folder, or takes no file
    """
    return _made_once(var / "secret.key")


def _made_once(path: Path) -> str:
    try:
        if not path.exists():
            _create(path)
        text = read_secret(path, owners=own_uids())
    except OSError as error:
        if error.errno in DISK_FULL:
            raise
        raise VarUnusable(
            f"{path} can be neither read nor made: {error.strerror}. Choose another folder with"
            " VAR=… or CARDGEN_VAR, or start cardgen as the user whose folder it is"
        ) from None
    if not _HEX.fullmatch(text):
        raise SecretDamaged(
            f"{path} must hold 64 hexadecimal digits. Restore it from a backup; "
            "delete it only if the data beside it may be thrown away too"
        )
    return text


def _create(path: Path) -> None:
    """Write a new secret whole, or leave the one that another process put there first.

    A link to a finished file is atomic and never replaces: a crash or a race cannot lose a key.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(secrets.token_hex(32) + "\n")
            file.flush()
            os.fsync(file.fileno())
        _link_unless_there(draft, path)
    finally:
        draft.unlink()
    _flush_folder(path.parent)


def _link_unless_there(draft: Path, path: Path) -> None:
    try:
        path.hardlink_to(draft)
    except FileExistsError:
        return


def _flush_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
