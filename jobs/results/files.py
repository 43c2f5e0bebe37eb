"""A result as one file: its name, its bytes, and the tag that tells it from any other."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from operator import itemgetter

from jobs.models import Job
from jobs.results import cards
from jobs.results.forms import FORMS, Form
from jobs.results.shares import Share, shared
from jobs.results.text_forms import Layout

_RENDERING = 3
"""Another number where a release writes other bytes: a file begun before is then sent anew."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultFile:
    """The file of a finished job in one form; `after` is the cursor it goes on from.

    :param share: all that it is to hold, None: all cards of the job
    """

    job: Job
    form_name: str
    layout: Layout
    after: str = ""
    share: Share | None = None

    @property
    def rows(self) -> int:
        """How many cards it has, from its beginning."""
        return self.share.size(self.job) if self.share else self.job.produced

    @property
    def form(self) -> Form:
        """How it is made."""
        return FORMS[self.form_name]

    @property
    def name(self) -> str:
        """What the file is called on disk."""
        share = f".{self.share.number}-of-{self.share.of}" if self.share else ""
        return f"cardgen-{self.job.id}{share}.{self.form.ending}"

    @property
    def fingerprint(self) -> str:
        """32 hexadecimal digits that stand for these bytes: another version has other ones."""
        layout = (*self.layout.fields, self.layout.delimiter)
        share = (self.share.number, self.share.of) if self.share else ()
        parts = (
            *(_RENDERING, self.job.id, self.job.version, self.form_name),
            *(*layout, self.after, *share),
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
        if self.share:
            found = shared(self.job, share=self.share, after=after)
        else:
            found = cards.blocks(self.job, after=after)
        return self.form.render(found, self.layout)
