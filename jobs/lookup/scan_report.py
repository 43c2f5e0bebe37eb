"""What a scan found, for people and for machines. Only numbers that we issued are shown whole."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from generation import published
from jobs.models import Job
from toolkit.wording import counted
from uniqueness.check import State
from uniqueness.numbers import is_card
from uniqueness.scanning import Hit, masked

_MOST_LABELS = 10_000
_NUMBER = re.compile(r"(?<![0-9])(?:[0-9]{12,19}|[0-9]{4}(?:[ -][0-9]{3,6}){2,4})(?![0-9])")
_UNPRINTABLE = re.compile(r"[^\x20-\x7e\u00a1-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class Labels:
    """Labels of jobs, read a block at a time; the latest of them are kept."""

    def __init__(self) -> None:
        self._labels: dict[UUID, str] = {}

    def of(self, owners: set[UUID]) -> dict[UUID, str]:
        """Return the labels of these jobs, without those that are deleted."""
        missing = owners - self._labels.keys()
        if missing:
            if len(self._labels) > _MOST_LABELS:
                self._labels = {}
            found = Job.objects.filter(id__in=owners).values_list("id", "label")
            self._labels |= dict(found)
        return self._labels


@dataclass
class Tally:
    """Counts over all files."""

    states: Counter[State] = field(default_factory=Counter)
    files: int = 0
    unread: int = 0
    read: int = 0

    def add(self, hits: Iterable[Hit]) -> None:
        """Count the numbers of a piece."""
        self.states.update(hit.finding.state for hit in hits)

    def as_dict(self, *, seconds: float) -> dict[str, Any]:
        """Return everything counted."""
        counts = {state.value: self.states[state] for state in State}
        return {
            **counts,
            "files": self.files,
            "unread": self.unread,
            "bytes": self.read,
            "seconds": round(seconds, 3),
        }

    def text(self, *, seconds: float) -> str:
        """Say everything counted in a line."""
        counts = ", ".join(f"{self.states[state]:,} {state}" for state in State)
        unread = f" ({self.unread:,} not read to the end)" if self.unread else ""
        rate = self.read / 1e6 / max(seconds, 1e-3)
        return (
            f"numbers: {counts}; {counted(self.files, 'file')}{unread},"
            f" {self.read / 1e6:,.1f} MB in {seconds:.1f} s ({rate:,.0f} MB/s)"
        )


def safe(text: str) -> str:
    """Hide card numbers in the name of a file or job, and whatever moves a cursor."""
    return _UNPRINTABLE.sub("?", _NUMBER.sub(_hidden, text))


def _hidden(found: re.Match[str]) -> str:
    digits = re.sub("[ -]", "", found[0])
    return masked(digits) if is_card(digits) else found[0]


def rows(name: str, hits: Iterable[Hit], labels: dict[UUID, str]) -> Iterator[dict[str, Any]]:
    """Show hits of a file, one object each."""
    for hit in hits:
        finding = hit.finding
        yield {
            "file": name,
            "line": hit.line,
            "column": hit.column,
            "state": finding.state.value,
            "number": hit.shown,
            "scheme": hit.scheme,
            "job": str(finding.owner) if finding.owner else None,
            "label": labels.get(finding.owner) if finding.owner else None,
            "published": [
                {"provider": meaning.provider, "behaviour": meaning.behaviour}
                for meaning in published.of_number(hit.number)
            ],
        }


def line_of(row: dict[str, Any]) -> str:
    """Show one of the `rows` in a line, as compilers and grep do."""
    parts = [row["state"], row["number"], row["scheme"] or "no scheme"]
    if row["job"]:
        parts.append(f"job {row['job']}")
    if row["label"]:
        parts.append(f'"{safe(row["label"])}"')
    meanings = [f"{one['provider']}: {one['behaviour']}" for one in row["published"]]
    parts += ["; ".join(meanings)] if meanings else []
    return f"{row['file']}:{row['line']}:{row['column']}: {' '.join(parts)}"
