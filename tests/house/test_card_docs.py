"""docs/cards.md lists every field and defect as the code has them."""

import re

from django.conf import settings

from generation.fields import DEFAULT, FIELDS
from generation.kernel.defects import Defect

TEXT = (settings.BASE_DIR / "docs" / "cards.md").read_text()


def test_every_field_stands_in_the_table_with_example_and_standard():
    rows = [
        f"| `{name}`{' *' if name in DEFAULT else ''} | `{field.example}` | {field.standard} |"
        for name, field in FIELDS.items()
    ]
    section = TEXT.split("## Negative cards")[0]
    assert re.findall(r"^\| `.*$", section, re.MULTILINE) == rows


def test_every_defect_stands_in_the_table():
    section = TEXT.split("## Negative cards")[1].split("## Forms")[0]
    assert re.findall(r"^\| `([a-z_]+)`", section, re.MULTILINE) == [
        defect.value for defect in Defect
    ]
