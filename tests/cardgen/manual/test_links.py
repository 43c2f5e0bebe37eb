"""Links of our pages into the documentation lead to a page."""

import re

import pytest
from django.conf import settings
from django.test import Client

LINK = re.compile(r"{% url 'docs-page' '([^']+)' %}(?:#([\w-]+))?")
LINKS = sorted(
    {
        found
        for template in (settings.BASE_DIR / "templates").rglob("*.html")
        for found in LINK.findall(template.read_text())
    }
)


@pytest.mark.parametrize(("page", "place"), LINKS)
def test_a_link_to_the_docs_leads_somewhere(client: Client, page: str, place: str) -> None:
    answer = client.get(f"/docs/{page}")
    assert answer.status_code == 200
    assert not place or f'id="{place}"' in answer.content.decode()


def test_there_are_such_links() -> None:
    assert len(LINKS) > 2
