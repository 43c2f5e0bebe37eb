"""Where a published card is written down, for people: a link if there is one, and how near it is.

The catalogue has it as it was noted: "https://docs.stripe.com/testing (copies: gist …)".
"""

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.utils.text import Truncator

from generation.published import Meaning

_URL = re.compile(r"https?://[^\s,;()]+")
_KINDS = {
    "official_page": "the provider's own page",
    "official_page_via_copy": "the provider's own page, read in a copy",
    "official_repo": "the provider's own code",
    "official_schema_example": "an example in the provider's API description",
    "secondary_repo": "somebody else's code",
    "secondary_page": "somebody else's page",
}
_MOST = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """`name` is short, `url` empty if none was noted, `note` the whole of what was."""

    name: str
    url: str
    kind: str
    note: str


def source_of(meaning: Meaning) -> Source:
    """Say where a meaning is from."""
    found = _URL.search(meaning.source)
    url = found[0] if found else ""
    return Source(
        name=Truncator(_short(url) or meaning.source).chars(_MOST),
        url=url,
        kind=_KINDS[meaning.source_kind],
        note=meaning.source,
    )


def _short(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.netloc}{parts.path}".rstrip("/")
