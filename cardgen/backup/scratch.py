"""Restore into a server of its own, prove every card there, and throw the server away."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from django.conf import settings

from cardgen.backup.errors import NotRestored
from cardgen.embedded import servers
from toolkit.trusted import create_private

_FOREIGN = ("DATABASE_URL", "BROKER_URL", "CACHE_URL", "CHANNEL_URL")
_PREFIX = "cgs-"  # short: socket paths hold about 100 bytes


def rehearse(
    folder: Path,
    *,
    identity: Path | None = None,
    say: Callable[[str], None] = lambda _text: None,
) -> None:
    """Restore a backup into a server in a temporary folder and run `validate_uniqueness` there.

    :raises NotRestored: if it cannot be restored, or if a card or the audit trail is not right
    """
    key = ["--identity", str(identity.absolute())] if identity else []
    with _scratch() as environment:
        say("restoring into a scratch server")
        _manage("restore", str(folder.absolute()), *key, environment=environment)
        say("proving every card")
        _manage("validate_uniqueness", environment=environment)
        _manage("verify_audit", environment=environment)


@contextmanager
def _scratch() -> Iterator[Mapping[str, str]]:
    """Have servers in a temporary folder (TMPDIR); yield the environment that leads there."""
    with TemporaryDirectory(prefix=_PREFIX) as place:
        var = Path(place)
        var.chmod(0o711)  # the servers' own user must reach its data
        create_private(var / "master.key", settings.CARDGEN_MASTER_KEY.hex() + "\n")
        with servers.running(var, throwaway=True):
            yield _own() | {"CARDGEN_VAR": place}


def _own() -> dict[str, str]:
    return {
        name: value
        for name, value in os.environ.items()
        if not name.startswith((*_FOREIGN, "CARDGEN_"))
    }


def _manage(*words: str, environment: Mapping[str, str]) -> None:
    done = subprocess.run(  # noqa: S603 (the command is ours)
        [sys.executable, str(settings.BASE_DIR / "manage.py"), *words],
        check=False,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
    )
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["it said nothing"])[-1]
        raise NotRestored(f"In the scratch server, {words[0]} failed: {last}")
