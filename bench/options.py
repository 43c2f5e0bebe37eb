"""What `make bench ARGS=…` takes."""

import argparse
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

PARTS = ("single", "records", "downloads", "job", "watchers", "rows", "full", "flat")
REPORTS = ("report.md", "report.json")
_DEFAULT_VAR = "var"
_LEAST_CARDS = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What is measured, how often, and where the figures go."""

    parts: tuple[str, ...]
    rounds: int
    seconds: float
    cards: int
    flat_cards: int
    quick: bool
    out: Path
    history: Path
    write: Path | None


def parse(arguments: list[str]) -> Options:
    """Read the command line; `--quick` is for what is not said otherwise."""
    parser = _parser()
    given = parser.parse_args(arguments)
    out = given.out or _folder()
    if given.out:
        refuse_to_replace(parser, [out / name for name in REPORTS], force=given.force)
    rounds, seconds, cards = (2, 1.0, 500_000) if given.quick else (3, 4.0, 5_000_000)
    flat_cards = 1_000_000 if given.quick else 50_000_000
    return Options(
        parts=tuple(given.only or PARTS),
        rounds=given.rounds or rounds,
        seconds=given.seconds or seconds,
        cards=given.cards or cards,
        flat_cards=given.flat_cards or flat_cards,
        quick=given.quick,
        out=out,
        history=given.history or out / "history.jsonl",
        write=given.write,
    )


def refuse_to_replace(
    parser: argparse.ArgumentParser, files: Sequence[Path], *, force: bool
) -> None:
    """End it before anything is measured if a file is there already, or a folder cannot be.

    :raises SystemExit: a bad request; names the first
    """
    for file in files:
        if file.exists() and not force:
            parser.error(f"{file} exists: give --force to replace it, or another name")
        if file.parent.exists() and not file.parent.is_dir():
            parser.error(f"{file.parent} is no folder: give the name of one")


def _count(text: str) -> int:
    _amount(text)
    return int(text)


def _cards(text: str) -> int:
    if int(text) < _LEAST_CARDS:
        raise argparse.ArgumentTypeError(f"must be {_LEAST_CARDS:,} at least")
    return int(text)


def _amount(text: str) -> float:
    amount = float(text)
    if amount <= 0:
        raise argparse.ArgumentTypeError("must be above 0")
    return amount


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="make bench")
    add = parser.add_argument
    add("--quick", action="store_true", help="everything small, in less than three minutes")
    add("--only", choices=PARTS, nargs="+", help="leave the other parts out")
    add("--rounds", type=_count, help="how often each is measured; the median counts")
    add("--seconds", type=_amount, help="how long each load over HTTP lasts")
    add("--cards", type=_cards, help="cards in the large job; numbers to check come from it")
    add("--flat-cards", type=_cards, help="cards in the job whose ends are compared")
    add("--out", type=Path, help="folder of report and plots, in place of the usual one")
    add("--force", action="store_true", help="replace a report that is there already")
    add("--history", type=Path, help="file that figures are added to, one run a line")
    add("--write", type=Path, metavar="PAGE", help="put the figures into this page too")
    return parser


def _folder() -> Path:
    """Name a folder that git ignores, and that outlives the servers of this run."""
    return Path(os.environ.get("CARDGEN_VAR", _DEFAULT_VAR)) / "bench"
