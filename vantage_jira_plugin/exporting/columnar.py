"""The two formats of columns, Arrow and Parquet; the only place that knows pyarrow. No folders, no pages of Jira's."""

from __future__ import annotations

import math
from collections import Counter
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq

from .cells import fitted, printable
from .formats import Encoded

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from vantage_jira_plugin.contract import Column, ColumnType

    from .formats import Sink, Writer

__all__ = ["Arrow", "Parquet"]

#: What a column is stored as.
_TYPES: Mapping[ColumnType, Any] = {
    "string": pa.string(),
    "integer": pa.int64(),
    "number": pa.float64(),
    "boolean": pa.bool_(),
    "datetime": pa.timestamp("ms", tz="UTC"),
    "date": pa.date32(),
    "list": pa.list_(pa.string()),
}
#: Where pages and groups are made. pyarrow's own choice, mimalloc, keeps what a thread has given back for that thread
#: alone: 15 to 50 MB with the threads of 8 requests in flight. The C library shares it with the rest of the process.
_POOL = pa.system_memory_pool()
#: Rows and bytes of one row group or record batch: larger ones read a little faster, and are in memory several times
#: over while they are written (20 MB at these sizes).
_GROUP_ROWS = 65_536
_GROUP_BYTES = 4 * 1024 * 1024
_COMPRESSION = "zstd"
#: Kinds whose cells are texts in rows and something else in columns.
_PARSED = frozenset({"datetime", "date"})
#: The types of cells that pyarrow takes as they are; left to itself it cuts fractions off and texts into letters.
_PLAIN: Mapping[ColumnType, frozenset[type]] = {
    "string": frozenset({str, type(None)}),
    "integer": frozenset({int, type(None)}),
    "number": frozenset({int, float, type(None)}),
    "boolean": frozenset({bool, type(None)}),
    "datetime": frozenset({str, type(None)}),
    "date": frozenset({str, type(None)}),
    "list": frozenset({list}),
}


class _Columnar:
    """What both share: pages as record batches without their schema, which the columns tell."""

    def __init__(self, columns: Sequence[Column]) -> None:
        self._columns = [(column["name"], column["type"]) for column in columns]
        self.schema = pa.schema([pa.field(printable(name), _TYPES[kind]) for name, kind in self._columns])

    def encode(self, rows: Sequence[Mapping[str, Any]]) -> Encoded:
        """Return the rows as one record batch; a cell that does not fit its column is null, and is counted."""
        lost: Counter[str] = Counter()
        arrays = [_array([row[name] for row in rows], name, kind, lost) for name, kind in self._columns]
        batch = pa.record_batch(arrays, schema=self.schema)
        return Encoded(batch.serialize(memory_pool=_POOL).to_pybytes(), dict(lost))

    def head(self, data: bytes, rows: int) -> bytes:
        """Return the first rows of a record batch."""
        whole = pa.ipc.read_record_batch(pa.py_buffer(data), self.schema)
        encoded: bytes = whole.slice(0, rows).serialize(memory_pool=_POOL).to_pybytes()
        return encoded


class Parquet(_Columnar):
    """Parquet, in row groups of a bounded size."""

    def writer(self, sink: Sink) -> Writer:
        """Begin a file with its schema."""
        writer = pq.ParquetWriter(_Stream(sink), self.schema, compression=_COMPRESSION)
        return _Groups(self.schema, writer.write_table, writer.close)


class Arrow(_Columnar):
    """Arrow's file format, in record batches of a bounded size."""

    def writer(self, sink: Sink) -> Writer:
        """Begin a file with its schema."""
        # Threads compress all columns at once, each with memory of its own.
        options = pa.ipc.IpcWriteOptions(compression=_COMPRESSION, use_threads=False)
        writer = pa.ipc.new_file(_Stream(sink), self.schema, options=options)
        return _Groups(
            self.schema, lambda group: writer.write_table(group.combine_chunks(memory_pool=_POOL)), writer.close
        )


class _Groups:
    """Gathers the batches of pages, which are small, into groups that are worth one."""

    def __init__(self, schema: Any, write: Callable[[Any], object], close: Callable[[], object]) -> None:
        self._schema = schema
        self._write = write
        self._close = close
        self._batches: list[Any] = []
        self._rows = 0
        self._bytes = 0

    def add(self, data: bytes) -> None:
        """Add a page; whole groups are written."""
        batch = pa.ipc.read_record_batch(pa.py_buffer(data), self._schema)
        start = 0
        while start < batch.num_rows:
            part = batch.slice(start, _GROUP_ROWS - self._rows)
            start += part.num_rows
            self._batches.append(part)
            self._rows += part.num_rows
            self._bytes += part.nbytes
            if self._rows >= _GROUP_ROWS or self._bytes >= _GROUP_BYTES:
                self._flush()

    def finish(self) -> None:
        """Write the last group and the end of the file."""
        if self._batches:
            self._flush()
        self._close()

    def _flush(self) -> None:
        self._write(pa.Table.from_batches(self._batches, self._schema))
        self._batches, self._rows, self._bytes = [], 0, 0
        # Writers take theirs from pyarrow's own pool, which would keep it: several times what they need at once.
        pa.default_memory_pool().release_unused()


class _Stream:
    """A sink as pyarrow asks for it."""

    closed = False

    def __init__(self, sink: Sink) -> None:
        self._sink = sink
        self._position = 0

    def write(self, data: Any) -> int:
        written = len(memoryview(data).cast("B"))
        self._sink.write(data)
        self._position += written
        return written

    def tell(self) -> int:
        return self._position

    def flush(self) -> None:
        """Do nothing: whoever made the sink sees to it."""

    def close(self) -> None:
        """Do nothing, likewise."""

    def readable(self) -> bool:
        return False

    def writable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return False


def _array(values: list[Any], name: str, kind: ColumnType, lost: Counter[str]) -> Any:
    """Return a column; only where its cells are not all of its kind is each looked at."""
    if _plain(values, kind):
        try:
            array = pa.array(values, pa.string() if kind in _PARSED else _TYPES[kind], memory_pool=_POOL)
            return array.cast(_TYPES[kind], memory_pool=_POOL) if kind in _PARSED else array
        except (pa.ArrowException, ValueError, OverflowError):
            pass  # no such day, half a character, a number out of range: found below
    cells = []
    for value in values:
        cell, fits = fitted(value, kind)
        cells.append(cell)
        if not fits:
            lost[name] += 1
    return pa.array(cells, _TYPES[kind], memory_pool=_POOL)


def _plain(values: list[Any], kind: ColumnType) -> bool:
    """Tell whether cells are what their column stores, by their types."""
    types = set(map(type, values))
    if not types <= _PLAIN[kind]:
        return False
    if float in types:
        return all(math.isfinite(value) for value in values if type(value) is float)
    return kind != "list" or {type(member) for value in values for member in value} <= _PLAIN["string"]
