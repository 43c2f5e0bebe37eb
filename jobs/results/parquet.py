"""Write cards as a Parquet file; needs requirements-parquet.lock."""

from collections.abc import Iterable, Iterator
from pathlib import Path

import pyarrow
from pyarrow import parquet

from generation.fields import FIELDS
from jobs.results.cards import Block, values
from jobs.results.text_forms import Layout
from toolkit.streams import give_back


def write(blocks: Iterable[Block], layout: Layout, path: Path) -> Iterator[None]:
    """Write one file, a step for each block."""
    types = {True: pyarrow.int32(), False: pyarrow.string()}
    schema = pyarrow.schema([(name, types[FIELDS[name].number]) for name in layout.fields])
    with parquet.ParquetWriter(path, schema, compression="zstd") as writer:
        for block in blocks:
            give_back()
            columns = list(values(block, fields=layout.fields))
            writer.write_table(pyarrow.table(columns, schema=schema))
            yield
