"""Rows on standard output: a table where a person looks, plain lines where a pipe does."""

import sys
from collections.abc import Iterable, Sequence

from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from toolkit.disguises import shown


def show(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Write the rows under the names of their columns.

    In a pipe a row is a line with tabs between its values, as `cut` and `awk` read it.
    """
    if sys.stdout.isatty():
        Console().print(_table(columns, rows))
        return
    for row in [columns, *rows]:
        sys.stdout.write("\t".join(shown(str(value)) for value in row) + "\n")


def _table(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> Table:
    table = Table(*columns, box=box.SIMPLE_HEAD, header_style="bold", row_styles=["", "dim"])
    for row in rows:
        table.add_row(*(escape(_spelled(value)) for value in row))
    return table


def _spelled(value: object) -> str:
    """Write whole numbers with commas, for people."""
    return f"{value:,}" if type(value) is int else shown(str(value))
