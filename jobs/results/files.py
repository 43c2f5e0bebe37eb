"""A result as one file: its name, its bytes, and the tag that tells it from any other."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from operator import itemgetter

from jobs.models import Job
from jobs.results import cards
from jobs.results.forms import FORMS, Form
from jobs.results.selections import EVERYTHING, Selection, selected
from jobs.results.text_forms import Layout

_RENDERING = 3
"""Another number where a release writes other bytes: a file begun before is then sent anew."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultFile:
    """The file of a finished job in one form; `after` is the cursor it goes on from.

    :param selection: all that it is to hold
    """

    job: Job
    form_name: str
    layout: Layout
    after: str = ""
    selection: Selection = EVERYTHING

    @property
    def rows(self) -> int:
        """How many cards it has, from its beginning."""
        return self.selection.size(self.job)

    @property
    def is_whole(self) -> bool:
        """Whether it holds all cards of the job."""
        return not (self.after or self.selection.words)

    @property
    def form(self) -> Form:
        """How it is made."""
        return FORMS[self.form_name]

    @property
    def name(self) -> str:
        """What the file is called on disk."""
        return ".".join((f"cardgen-{self.job.id}", *self.selection.words, self.form.ending))

    @property
    def fingerprint(self) -> str:
        """32 hexadecimal digits that stand for these bytes: another version has other ones."""
        layout = (*self.layout.fields, self.layout.delimiter)
        parts = (
            *(_RENDERING, self.job.id, self.job.version, self.form_name),
            *(*layout, self.after, *self.selection.words),
        )
        return hashlib.sha256("\0".join(map(str, parts)).encode()).hexdigest()[:32]

    def etag(self, *, coding: str = "") -> str:
        """Return the strong entity tag; each content coding has its own (RFC 9110, 8.8.3.3)."""
        return f'"{self.fingerprint}{coding and "-" + coding}"'

    def pieces(self) -> Iterator[bytes]:
        """Render the whole file; a piece may be empty.

        :raises InvalidCursor: at once, if `after` is not a cursor of this job
        """
        return map(itemgetter(1), self.marked(after=self.after))

    def marked(self, *, after: str = "") -> Iterator[tuple[int, bytes]]:
        """Render from a cursor on, head and tail included; mark each piece with its chunk.

        :raises InvalidCursor: at once, if `after` is not a cursor of this job
        """
        if self.selection.words:
            found = selected(self.job, self.selection, after=after)
        else:
            found = cards.blocks(self.job, after=after)
        return self.form.render(found, self.layout)
