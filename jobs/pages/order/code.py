"""The same order in the languages that tests are written in; each asks for one body."""

import json
from dataclasses import dataclass
from pprint import pformat
from typing import Any

from jobs.orders import MAX_INLINE
from jobs.pages.order.curl import curl

_PYTHON = """\
import os

import requests

answer = requests.post(
    "{url}",
    headers={{"Authorization": "Bearer " + os.environ["CARDGEN_API_KEY"]}},
    json={body},
    timeout=30,
)
answer.raise_for_status()
print(answer.json()["links"]["status"])
"""
_PYTEST = '''\
import os

import pytest
import requests


@pytest.fixture
def cards():
    """Cards of this test alone: no number ever comes twice."""
    answer = requests.post(
        "{url}",
        headers={{"Authorization": "Bearer " + os.environ["CARDGEN_API_KEY"]}},
        json={body},
        timeout=30,
    )
    answer.raise_for_status()
    return answer.json()["cards"]


def test_a_payment(cards):
    assert cards[0]["pan"]
'''
_JAVASCRIPT = """\
const answer = await fetch("{url}", {{
  method: "POST",
  headers: {{
    Authorization: `Bearer ${{process.env.CARDGEN_API_KEY}}`,
    "Content-Type": "application/json",
  }},
  body: JSON.stringify({body}),
}});
if (!answer.ok) throw new Error(await answer.text());
console.log((await answer.json()).links.status);
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Snippet:
    """Code that orders; `name` is the language's, `code` is its id on the page."""

    code: str
    name: str
    text: str


def snippets(body: dict[str, Any], *, url: str, inline_url: str) -> list[Snippet]:
    """Write the order in each language.

    :param url: takes orders of any size, `inline_url` small ones and answers with their cards
    """
    small = body | {"count": min(int(body["count"]), MAX_INLINE)} if "count" in body else body
    return [
        Snippet(code="curl", name="curl", text=curl(body, url=url)),
        Snippet(code="python", name="Python", text=_PYTHON.format(url=url, body=_python(body))),
        Snippet(
            code="pytest",
            name="pytest",
            text=_PYTEST.format(url=inline_url, body=_python(small, indent=8)),
        ),
        Snippet(
            code="javascript",
            name="JavaScript",
            text=_JAVASCRIPT.format(url=url, body=json.dumps(body)),
        ),
    ]


def _python(body: dict[str, Any], *, indent: int = 4) -> str:
    text = pformat(body, sort_dicts=False, width=80 - indent)
    return text.replace("\n", "\n" + " " * (indent + len("json=")))
