"""Move in: the cards of another system, part by part, and back."""

import json
import signal
import subprocess
from io import BytesIO
from threading import Barrier

import pytest

from tests.support.actors import entries, somebody
from tests.support.commands import MANAGE, environment, run
from tests.support.exclusions import excluded
from tests.support.threads import at_once
from tests.support.waiting import wait_until
from tests.uniqueness.exclusions.files import OUTSIDE, numbers_of, text_of
from uniqueness.exclusions.imports.forms import ListForm
from uniqueness.exclusions.moving import MoveReport, MoveRequest, bring_in, roll_back
from uniqueness.exclusions.moving.errors import ImportDiffers, ImportFinished, ImportRunning
from uniqueness.exclusions.removing import RemovalRequest
from uniqueness.models import CardImport, Exclusion

NAME = "old system"
WHY = "moving in from the old system"


def move(content: bytes, stream=None, **changes) -> MoveReport:
    request = {
        "name": NAME, "form": ListForm.CSV, "actor": somebody(), "owner_id": None,
        "reason": WHY, "part": 1_000,
    } | changes  # fmt: skip
    return bring_in(stream or BytesIO(content), request=MoveRequest(**request))


class Lines:
    """A file in pieces of a line each, so that every part ends where it should."""

    def __init__(self, content: bytes, *, before=lambda line: None) -> None:
        self._lines, self._before, self._read = content.splitlines(keepends=True), before, 0

    def read(self, size: int, /) -> bytes:
        self._before(self._read)
        self._read += 1
        return self._lines.pop(0) if self._lines else b""


def plain(content: bytes, **changes) -> MoveReport:
    """Import line by line, two lines a part."""
    before = changes.pop("before", lambda line: None)
    return move(b"", Lines(content, before=before), form=ListForm.PLAIN, part=2, **changes)


def table(*rows: tuple[str, str]) -> bytes:
    lines = (f"{number},2027-03-31,{cvv},{number[:6]},2020-01-01" for number, cvv in rows)
    return text_of("card_number,expiry_date,cvv,bin,created_at", *lines)


def add_up(report: MoveReport) -> bool:
    told = report.as_dict()
    kinds = ("new", "known", "issued", "repeated", "header", "blank", "continued", "invalid")
    return bool(told["records"] == sum(told[kind] for kind in kinds))


def test_numbers_that_repeat_with_other_cvvs_are_reported_and_kept_once(small_range):
    first, second = numbers_of(small_range, 1, 2)
    content = table((first, "123"), (second, "1"), (first, "456"), (second, "1"), (OUTSIDE, "9"))
    report = move(content + b"oops,,,,\n")
    assert (report.figures.new, report.figures.repeated, report.figures.differing) == (3, 2, 1)
    assert [line for line, _ in report.lines.bad] == [7]
    assert add_up(report)
    assert {kept.source for kept in excluded().values()} == {NAME}
    assert set(excluded()) == {first, second, OUTSIDE}


def test_parts_add_up_to_the_whole(small_range):
    numbers = numbers_of(small_range, *range(7))
    report = plain(text_of(*numbers, *numbers[:3], "12", "", OUTSIDE, OUTSIDE))
    assert (report.figures.new, report.figures.repeated) == (8, 4)
    assert add_up(report)
    row = CardImport.objects.get()
    assert (row.records, row.finished_at is not None) == (14, True)
    assert set(excluded()) == {*numbers, OUTSIDE}


def test_a_dry_run_says_the_same_and_changes_nothing(small_range):
    numbers = numbers_of(small_range, *range(7))
    content = text_of(*numbers, *numbers[:3], OUTSIDE)
    tried = plain(content, dry_run=True)
    assert (CardImport.objects.count(), excluded(), entries().count()) == (0, {}, 0)
    assert tried.figures == plain(content).figures


def test_what_is_broken_off_is_resumed_behind_its_last_part(small_range):
    content = text_of(*numbers_of(small_range, *range(9)))

    def break_off(line: int) -> None:
        if line > 5:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        plain(content, before=break_off)
    assert CardImport.objects.get().records == len(excluded()) == 4
    report = plain(content)
    assert (report.resumed, report.figures.new, len(excluded())) == (4, 9, 9)
    assert [one.action for one in entries().order_by("id")] == [
        "import_cards",
        "finish_import_cards",
    ]


def test_a_name_is_for_one_file(small_range):
    numbers = numbers_of(small_range, *range(6))
    broken = CardImport(name=NAME, records=2)
    broken.save()
    with pytest.raises(ImportDiffers):
        plain(text_of(*numbers))
    broken.delete()
    plain(text_of(*numbers))
    with pytest.raises(ImportFinished):
        plain(text_of(*numbers))


@pytest.mark.django_db(transaction=True)
def test_of_two_at_once_under_a_name_one_goes_on_and_one_is_told(small_range):
    content = text_of(*numbers_of(small_range, *range(8)))
    both = Barrier(2)

    def together(line: int) -> None:
        if line == 0:
            both.wait(30)

    def act(_: int) -> str:
        try:
            return f"{plain(content, before=together).figures.new} new"
        except ImportRunning:
            return "told"

    assert set(at_once(2, act)) == {"8 new", "told"}
    assert len(excluded()) == 8


@pytest.mark.django_db(transaction=True)
def test_two_files_at_once_share_their_numbers_out(small_range):
    numbers = numbers_of(small_range, *range(40))
    made = at_once(2, lambda one: plain(text_of(*numbers[:: 1 - 2 * one]), name=f"system {one}"))
    figures = [report.figures for report in made if isinstance(report, MoveReport)]
    assert sum(one.new for one in figures) == len(excluded()) == 40
    assert sum(one.known for one in figures) == 40


def test_an_import_is_rolled_back_by_its_name_and_by_no_other(small_range):
    first, second, third = numbers_of(small_range, 1, 2, 3)
    plain(text_of(first, second))
    plain(text_of(second, third, OUTSIDE), name="another")
    request = RemovalRequest(reason=WHY, actor=somebody())
    assert roll_back("another", request=request).removed == 2
    assert set(excluded()) == {first, second}
    assert [one.name for one in CardImport.objects.all()] == [NAME]
    assert plain(text_of(third), name="another").figures.new == 1


@pytest.mark.django_db(transaction=True)
def test_the_command_is_killed_resumed_listed_and_rolled_back(small_range, user, tmp_path):
    numbers = numbers_of(small_range, *range(1_000))
    file = tmp_path / "cards.txt"
    # Reading stops at each megabyte, and so do parts: lines are filled up with spaces.
    file.write_text("".join(f"{number:<60000}\n" for number in numbers[:100]))
    command = ["import_cards", str(file), "--name", NAME, "--owner", user.username, "--part", "10"]
    process = subprocess.Popen([*MANAGE, *command], env=environment())
    wait_until(lambda: Exclusion.objects.exists() or process.poll() is not None)
    process.send_signal(signal.SIGKILL)
    assert process.wait(30) == -signal.SIGKILL
    done = run(*command, "--json")
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert (told["records"], told["new"], 0 < told["resumed"] < 100) == (100, 100, True)
    assert sorted(excluded()) == sorted(numbers[:100])
    assert f"{NAME}\t{user.username}\t100\t100\t" in run("import_cards", "--list").stdout
    assert f"{NAME}, of {user.username}" in run("explain", numbers[3]).stdout
    again = run(*command)
    assert (again.returncode, "Choose another name" in again.stderr) == (3, True)
    back = run("import_cards", "--roll-back", NAME, "--reason", WHY)
    assert (back.returncode, "100 numbers taken back" in back.stderr) == (0, True), back.stderr
    assert not excluded()


@pytest.mark.parametrize(
    ("arguments", "content", "words"),
    [
        (["-"], "x", "give the import a --name"),
        (["-", "--name", NAME], "", "No record of the file holds a card number"),
        (["-", "--name", NAME, "--owner", "nobody"], OUTSIDE, "no active user"),
        (["-", "--name", "4111111111111111"], OUTSIDE, "no card number may stand in it"),
        (["--roll-back", "unknown", "--reason", WHY], "", "Nothing was brought in"),
        (["-", "--name", NAME], "1" * 20, "line 1: a number has 12 to 19 digits"),
    ],
)
def test_what_cannot_be_done_is_told_and_leaves_nothing(db, arguments, content, words):
    done = run("import_cards", *arguments, stdin=content)
    assert (done.returncode, words in done.stderr) == (2, True), done.stderr
    assert (CardImport.objects.count(), excluded()) == (0, {})
    assert "1" * 20 not in done.stderr
