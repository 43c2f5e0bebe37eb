"""Markdown as HTML, as the service shows it where `make docs` has not built the site."""

import re
from itertools import pairwise

from markdown_it import MarkdownIt
from markdown_it.token import Token

_MARKDOWN = MarkdownIt("gfm-like", {"linkify": False})
_PAGE = re.compile(r"^(?!\w+:)([^#]+)\.md(?=#|$)")
_NEITHER_WORD_NOR_DASH = re.compile(r"[^\w\- ]")


def html_of(text: str) -> str:
    """Return a page as HTML: headings have GitHub's anchors, links lead to pages as HTML."""
    tokens = _MARKDOWN.parse(text)
    for token, after in pairwise(tokens):
        if token.type == "heading_open":
            token.attrSet("id", anchor(after.content))
        for inner in token.children or []:
            _lead_to_html(inner)
    rendered: str = _MARKDOWN.renderer.render(tokens, _MARKDOWN.options, {})
    return rendered


def anchor(heading: str) -> str:
    """Return the anchor of a heading, as GitHub makes it."""
    return _NEITHER_WORD_NOR_DASH.sub("", heading.lower()).replace(" ", "-")


def _lead_to_html(token: Token) -> None:
    if token.type == "link_open":
        token.attrSet("href", _PAGE.sub(r"\1.html", str(token.attrGet("href"))))
