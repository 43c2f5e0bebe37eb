"""Encrypted by age (age-encryption.org/v1): its own tool reads what cardgen writes."""

import shutil
from pathlib import Path
from typing import IO, Any

import pyrage
from django.conf import settings
from pyrage import x25519

from cardgen.backup.errors import NotRestored
from toolkit.command_line import written
from toolkit.refusals import Mistake
from toolkit.trusted import Untrusted, read_secret

SUFFIX = ".age"


class NotAKey(Mistake):
    """What was given is no key of age's."""

    code = "not_a_key"


def recipients() -> list[x25519.Recipient]:
    """Give those who can read backups (CARDGEN_BACKUP_RECIPIENTS); none: backups are plain."""
    return [x25519.Recipient.from_str(one) for one in settings.CARDGEN_BACKUP_RECIPIENTS]


def seal(source: Any, target: Any) -> None:
    """Copy a stream, encrypted for the recipients if there are any."""
    to = recipients()
    if to:
        pyrage.encrypt_io(source, target, to)
    else:
        shutil.copyfileobj(source, target)


def unseal(path: Path, target: IO[bytes], *, identity: Path | None) -> None:
    """Copy a file of a backup into a stream, decrypted if it is encrypted.

    :raises NotRestored: if it cannot be decrypted
    """
    with path.open("rb") as source:
        if path.suffix != SUFFIX:
            shutil.copyfileobj(source, target)
            return
        try:
            pyrage.decrypt_io(source, target, [read_identity(identity)])
        except pyrage.DecryptError:
            raise NotRestored(f"{path} is encrypted for another key than that one.") from None


def read_identity(path: Path | None) -> x25519.Identity:
    """Read a secret key of age's from a file, comments left out.

    :raises NotRestored: if no file is named
    :raises NotAKey: if it holds none
    """
    if path is None:
        raise NotRestored("The backup is encrypted: give --identity FILE, with age's secret key.")
    try:
        lines = read_secret(path).splitlines()
        return x25519.Identity.from_str(next(one for one in lines if one[:1] not in ("", "#")))
    except OSError as error:
        raise NotAKey(f"{path} cannot be read: {error.strerror}.") from None
    except Untrusted as error:
        raise NotRestored(str(error)) from None
    except (StopIteration, pyrage.IdentityError):
        raise NotAKey(f"{path} holds no secret key of age's (AGE-SECRET-KEY-1…).") from None


def new_identity(path: Path) -> str:
    """Make a key pair; write the secret key to a new file and return the public one."""
    made = x25519.Identity.generate()
    with written(path), path.open("x", encoding="ascii") as file:
        path.chmod(0o600)
        file.write(f"# public key: {made.to_public()}\n{made}\n")
    return str(made.to_public())
