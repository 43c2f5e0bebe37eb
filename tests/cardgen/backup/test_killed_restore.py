"""kill -9 in mid-restore: nothing half is taken for whole, and the same command does it anew."""

import subprocess
from collections.abc import Mapping
from pathlib import Path

import psycopg
import pytest

from cardgen import backup
from cardgen.backup.scratch import _scratch
from cardgen.embedded import paths
from jobs import work
from tests.support.commands import MANAGE
from tests.support.work import LONG
from toolkit.exit_codes import ExitCode
from uniqueness.pool import recording

pytestmark = pytest.mark.django_db(transaction=True)
CARDS = 300
NOBODY_WRITES = "cannot execute CREATE TABLE in a read-only transaction"


class Restore:
    """`manage.py restore` into a server of its own."""

    def __init__(self, made: Path, environment: Mapping[str, str]) -> None:
        self._command = [*MANAGE, "restore", str(made), "--recorded", str(made.parent)]
        self._environment = dict(environment)
        self._url = paths.database_url(Path(environment["CARDGEN_VAR"]))

    def kill_when_it_says(self, words: str) -> None:
        with subprocess.Popen(
            self._command, env=self._environment, stderr=subprocess.PIPE, text=True
        ) as child:
            assert child.stderr
            assert any(words in line for line in child.stderr)
            child.kill()

    def run(self) -> subprocess.CompletedProcess[str]:
        return subprocess.run(self._command, env=self._environment, capture_output=True, text=True)

    def write(self) -> int:
        """Write as somebody who takes the database for whole; tell how many cards it has."""
        with psycopg.connect(self._url) as somebody:
            somebody.execute("CREATE TABLE mine ()")
            somebody.rollback()
            row = somebody.execute("SELECT count(*) FROM uniqueness_ledger").fetchone()
            return int(row[0]) if row else 0


def test_nobody_writes_until_a_restore_came_to_its_end(submit, tmp_path):
    submit(count=CARDS)
    work.work(duration=LONG)
    made = backup.create(tmp_path)
    recording.write(tmp_path)
    with _scratch() as environment:
        restore = Restore(made, environment)
        for stage in ("restoring", "migrating"):
            restore.kill_when_it_says(stage)
            with pytest.raises(psycopg.errors.ReadOnlySqlTransaction, match=NOBODY_WRITES):
                restore.write()
        done = restore.run()
        assert "an earlier restore did not come to its end" in done.stderr
        assert (done.returncode, restore.write()) == (ExitCode.DONE, CARDS), done.stderr
