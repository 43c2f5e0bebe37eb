"""Files and folders that can be trusted, by OpenSSH's rule: nobody else may change or read them."""

import os
import stat
from collections.abc import Collection
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

_OTHERS_WRITE = stat.S_IWGRP | stat.S_IWOTH
_OTHERS_READ = stat.S_IRGRP | stat.S_IROTH
_MOST_BYTES = 65_536


class Untrusted(ImproperlyConfigured):
    """A file or folder could have been changed or read by somebody else; the message says more."""


def read_secret(path: Path, *, owners: Collection[int] = ()) -> str:
    """Return the text of a file that holds a secret, without the line end.

    A file of root's is trusted as well, and may be readable: so container platforms lay secrets.

    :param owners: users whose files are trusted beside ours and root's
    :raises Untrusted: if it is another's, others may write to it, or others may read what is ours
    :raises OSError: if it cannot be read
    """
    with path.open(encoding="utf-8", errors="replace") as file:
        found = os.fstat(file.fileno())
        _check(path, found, owners={os.geteuid(), 0, *owners})
        if found.st_uid == os.geteuid() and found.st_mode & _OTHERS_READ:
            raise Untrusted(f"{path} holds a secret that others may read: chmod 600 {path}")
        return file.read(_MOST_BYTES).rstrip("\r\n")


def own_folder(name: str, *, owners: Collection[int] = ()) -> Path:
    """Return the whole path of a folder in which nobody else could put files.

    :raises ImproperlyConfigured: if no folder can have such a name
    :raises Untrusted: if it is another's, or others may write to it
    """
    try:
        folder = Path(name).resolve()
        require_own(folder, owners=owners)
    except OSError as error:
        raise ImproperlyConfigured(f"{name} can be no folder: {error.strerror}") from None
    except RuntimeError:  # how Python tells links that lead to each other
        raise ImproperlyConfigured(f"{name} can be no folder: links in a circle") from None
    return folder


def require_own(folder: Path, *, owners: Collection[int] = ()) -> None:
    """Refuse a folder in which somebody else could put files; one that is not there is all right.

    :param owners: users whose folders are trusted beside ours and root's
    :raises Untrusted: if it is another's, or others may write to it
    """
    if folder.exists():
        _check(folder, folder.stat(), owners={os.geteuid(), 0, *owners})


def create_private(path: Path, text: str) -> None:
    """Write a new file that only we may read, in place of one that is there.

    :raises OSError: if it cannot be written
    """
    path.unlink(missing_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)


def _check(path: Path, found: os.stat_result, *, owners: set[int]) -> None:
    if found.st_uid not in owners:
        raise Untrusted(
            f"{path} belongs to another user (uid {found.st_uid}). Start cardgen as that user, or"
            " choose another folder with VAR=…"
        )
    if found.st_mode & _OTHERS_WRITE:
        raise Untrusted(f"Others may write to {path}: chmod go-w {path}")
