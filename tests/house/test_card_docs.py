"""docs/cards.md lists every field and defect as the code has them."""

import re

from django.conf import settings

from generation.fields import DEFAULT, FIELDS
from generation.kernel.defects import Defect
from jobs.orders.fixed_values import FixedValuesSerializer

TEXT = (settings.BASE_DIR / "docs" / "cards.md").read_text()


def section(title: str) -> str:
    """What stands under a heading."""
    return TEXT.split(f"## {title}\n")[1].split("\n## ")[0]


def test_every_field_stands_in_the_table_with_example_and_standard():
    rows = [
        f"| `{name}`{' *' if name in DEFAULT else ''} | `{field.example}` | {field.standard} |"
        for name, field in FIELDS.items()
    ]
    assert re.findall(r"^\| `.*$", section("Fields"), re.MULTILINE) == rows


def test_every_defect_stands_in_the_table():
    assert re.findall(r"^\| `([a-z_]+)`", section("Negative cards"), re.MULTILINE) == [
        defect.value for defect in Defect
    ]


def test_every_value_that_an_order_can_fix_stands_in_the_table():
    named = re.findall(r"^\| `([a-z_]+)`", section("Fixed values"), re.MULTILINE)
    assert named == [*FixedValuesSerializer().fields, "expiry"]
