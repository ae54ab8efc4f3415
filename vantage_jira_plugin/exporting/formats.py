"""What a format of export files can do, and the two text formats. It knows no folders, and not where rows come from."""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Protocol

from vantage_jira_plugin.errors import InputError

from .cells import printable

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from vantage_jira_plugin.contract import Column

__all__ = ["SUFFIXES", "TEXT_FORMATS", "Encoded", "Format", "Sink", "Writer", "format_named"]

#: The formats, and the ends of file names that mean them.
SUFFIXES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "ndjson": (".ndjson", ".jsonl"),
        "csv": (".csv",),
        "parquet": (".parquet",),
        "arrow": (".arrow",),
    }
)
#: The formats that can be compressed as a whole.
TEXT_FORMATS = frozenset({"ndjson", "csv"})

Row = dict[str, Any]


class Sink(Protocol):
    """Takes the bytes of a file, in order."""

    def write(self, data: Any, /) -> int:
        """Take these bytes, all of them."""


class Writer(Protocol):
    """Writes one file."""

    def add(self, data: bytes) -> None:
        """Add the rows of one page."""

    def finish(self) -> None:
        """Write what belongs to the end of the file."""


@dataclass(frozen=True, slots=True)
class Encoded:
    """The rows of one page, as the spool keeps them.

    Attributes:
        lost: how many cells of a column could not be written as they are.
    """

    data: bytes = field(repr=False)
    lost: Mapping[str, int]


class Format(Protocol):
    """One format, for one set of columns. Its methods are called in several threads at once."""

    def encode(self, rows: Sequence[Mapping[str, Any]]) -> Encoded:
        """Return the rows of one page as bytes that stand for themselves."""

    def head(self, data: bytes, rows: int) -> bytes:
        """Return the first rows of an encoded page."""

    def writer(self, sink: Sink) -> Writer:
        """Begin a file; one without rows is a file of its format, too."""


def format_named(name: str, columns: Sequence[Column]) -> Format:
    """Return a format for these columns.

    Raises:
        InputError: what it needs is not installed; `errors` names the input `format`.
    """
    if name == "ndjson":
        return _Ndjson(columns)
    if name == "csv":
        return _Csv(columns)
    try:
        from .columnar import Arrow, Parquet  # noqa: PLC0415 - pyarrow is an extra, and takes long to load
    except ImportError:
        text = f"{name} needs pyarrow: install vantage-jira-plugin[arrow], or choose ndjson or csv"
        raise InputError(f"format {text}", errors={"format": [text]}) from None
    return Parquet(columns) if name == "parquet" else Arrow(columns)


@dataclass(frozen=True, slots=True)
class _TextWriter:
    """Writes pages as they are, behind what a file begins with."""

    sink: Sink

    def add(self, data: bytes) -> None:
        self.sink.write(data)

    def finish(self) -> None:
        """Do nothing: a text ends with its last row."""


#: What CSV writes as JSON does, or better.
_PLAIN_IN_CSV = frozenset({str, int, type(None)})
#: Compact, and refusing what JSON has no word for.
_JSON = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":"))


class _Ndjson:
    """One row on each line, as a JSON object with every column."""

    def __init__(self, columns: Sequence[Column]) -> None:
        self._names = [column["name"] for column in columns]
        self._shown = [(name, printable(name)) for name in self._names]

    def encode(self, rows: Sequence[Mapping[str, Any]]) -> Encoded:
        """Return the rows as lines."""
        return _encoded(rows, self._names, lambda cleaned: _lines(self._named(rows if cleaned is None else cleaned)))

    def head(self, data: bytes, rows: int) -> bytes:
        """Return the first lines; JSON has no line break inside."""
        return b"".join(line + b"\n" for line in data.split(b"\n", rows)[:rows])

    def writer(self, sink: Sink) -> Writer:
        """Begin a file."""
        return _TextWriter(sink)

    def _named(self, rows: Iterable[Mapping[str, Any]]) -> Iterable[Row]:
        return ({shown: row[name] for name, shown in self._shown} for row in rows)


class _Csv:
    """RFC 4180: a header, lines that end in CR LF, and quotes where they are needed. Lists are JSON texts."""

    def __init__(self, columns: Sequence[Column]) -> None:
        self._names = [column["name"] for column in columns]

    def encode(self, rows: Sequence[Mapping[str, Any]]) -> Encoded:
        """Return the rows as records."""
        return _encoded(rows, self._names, lambda cleaned: self._records(rows if cleaned is None else cleaned))

    def head(self, data: bytes, rows: int) -> bytes:
        """Return the first records: each ends at a line break outside quotes, of which it has an even number."""
        end = 0
        for _ in range(rows):
            start = end
            end = data.index(b"\r\n", end) + 2
            while data.count(b'"', start, end) % 2:
                end = data.index(b"\r\n", end) + 2
        return data[:end]

    def writer(self, sink: Sink) -> Writer:
        """Begin a file with its header."""
        sink.write(_written([[printable(name) for name in self._names]]).encode())
        return _TextWriter(sink)

    def _records(self, rows: Iterable[Mapping[str, Any]]) -> str:
        return _written([_csv_cell(row[name]) for name in self._names] for row in rows)


def _written(records: Iterable[Sequence[Any]]) -> str:
    """Return records as CSV writes them."""
    text = io.StringIO(newline="")
    csv.writer(text).writerows(records)
    return text.getvalue()


def _csv_cell(value: object) -> object:
    """Return a cell as CSV has it: nothing is empty, and what is neither text nor a whole number is JSON."""
    return value if type(value) in _PLAIN_IN_CSV else _JSON.encode(value)


def _lines(rows: Iterable[Mapping[str, Any]]) -> str:
    return "".join([_JSON.encode(row) + "\n" for row in rows])


def _encoded(rows: Sequence[Mapping[str, Any]], names: Sequence[str], written: Any) -> Encoded:
    """Return rows as text in UTF-8; only where that fails is each cell looked at."""
    try:
        return Encoded(written(None).encode(), {})
    except ValueError:  # a number that is none, or half a character
        lost: Counter[str] = Counter()
        cleaned = [{name: _clean(row[name], name, lost) for name in names} for row in rows]
        return Encoded(written(cleaned).encode(), dict(lost))


def _clean(value: Any, name: str, lost: Counter[str]) -> Any:
    """Return a cell that can be written; note where it is another one."""
    try:
        _JSON.encode(value).encode()
    except ValueError:
        lost[name] += 1
        if isinstance(value, list):
            return [_clean(member, name, Counter()) for member in value]
        return printable(value) if isinstance(value, str) else None
    return value
