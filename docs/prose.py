"""Words and sentences of a page: one word for one thing, and sentences that one reads once."""

import re
from collections.abc import Iterator, Mapping

FENCED = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
LONGEST = 38
"""Words; few readers have English as their first language."""
_CODE = re.compile(r"`[^`\n]+`")
_TARGET = re.compile(r"\]\([^)]*\)")
_NO_PROSE = re.compile(r"^(?:\||#).*$|<!--.*?-->", re.MULTILINE)
_BREAK = re.compile(r"\n\s*\n|\n *(?:\*|\d+\.) ")
_END = re.compile(r"(?<=[.!?:;]) ")


def wrong_words(text: str, words: Mapping[str, str]) -> Iterator[str]:
    """Tell which words are used in place of ours.

    :param words: pattern of a word, and ours
    """
    text = _CODE.sub("", _TARGET.sub("]", FENCED.sub("", text)))
    for pattern, right in words.items():
        for word in re.findall(rf"\b{pattern}\b", text, re.IGNORECASE):
            yield f"{word}: the word is {right}"


def long_sentences(text: str) -> Iterator[str]:
    """Tell which sentences have more words than a reader keeps in mind; tables are not read so."""
    text = _NO_PROSE.sub("\n\n", FENCED.sub("\n\n", _TARGET.sub("]", text)))
    for part in _BREAK.split(text):
        for sentence in _END.split(" ".join(part.split())):
            words = sentence.split()
            if len(words) > LONGEST:
                yield f"{len(words)} words in a sentence: {' '.join(words[:8])} …"
