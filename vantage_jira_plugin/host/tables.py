"""Data as text: table, JSON, NDJSON or CSV. What the data means is the commands' business."""

from __future__ import annotations

import csv
import json
import unicodedata
from typing import TYPE_CHECKING, Any, Literal, TextIO, get_args

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

__all__ = ["FORMATS", "Format", "counted", "write_json", "write_record", "write_rows"]

Format = Literal["table", "json", "ndjson", "csv"]
#: Values of `--format`.
FORMATS: tuple[Format, ...] = get_args(Format)
#: Characters that reorder what stands around them (https://www.unicode.org/reports/tr9/).
BIDIRECTIONAL = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def counted(number: int, noun: str) -> str:
    """Return `1 row`, `2 rows`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def write_rows(
    rows: Sequence[Mapping[str, Any]],
    columns: Sequence[str],
    form: Format,
    stream: TextIO,
    *,
    document: object = None,
) -> None:
    """Write rows; `document` is what JSON shows instead of the bare list."""
    if form == "json":
        write_json(rows if document is None else document, stream)
    elif form == "ndjson":
        stream.writelines(f"{_json(row)}\n" for row in rows)
    elif form == "csv":
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows([_cell(row.get(column)) for column in columns] for row in rows)
    elif stream.isatty():
        _write_for_people(rows, columns, stream)
    else:
        _write_plain(rows, columns, stream)


def write_record(record: Mapping[str, Any], form: Format, stream: TextIO) -> None:
    """Write one record: a line per field for people, one object or row for programs."""
    if form == "table":
        rows = [{"field": name, "value": value} for name, value in record.items()]
        write_rows(rows, ["field", "value"], form, stream)
    else:
        write_rows([record], list(record), form, stream, document=record)


def write_json(document: object, stream: TextIO) -> None:
    """Write a document as indented JSON."""
    stream.write(f"{_json(document, indent=2)}\n")


def _write_for_people(rows: Sequence[Mapping[str, Any]], columns: Sequence[str], stream: TextIO) -> None:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for column in columns:
        table.add_column(Text(_printable(column)), overflow="fold")
    for row in rows:
        # Text, not str: what comes from Jira must not be read as rich's markup.
        table.add_row(*(Text(_printable(_cell(row.get(column)))) for column in columns))
    Console(file=stream).print(table)


def _write_plain(rows: Sequence[Mapping[str, Any]], columns: Sequence[str], stream: TextIO) -> None:
    """Write one line per row, every cell whole, columns aligned."""
    lines = [list(columns), *([_cell(row.get(column)) for column in columns] for row in rows)]
    cells = [[_printable(cell).replace("\n", "\\n") for cell in line] for line in lines]
    widths = [max(len(line[index]) for line in cells) for index in range(len(columns))]
    for line in cells:
        padded = (cell.ljust(width) for cell, width in zip(line, widths, strict=True))
        stream.write(f"{'  '.join(padded).rstrip()}\n")


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list | tuple) and not any(isinstance(item, dict | list) for item in value):
        return ", ".join(_cell(item) for item in value)
    if isinstance(value, dict | list | tuple):
        return _json(value)
    return str(value)


def _printable(text: str) -> str:
    r"""Return text that cannot steer a terminal: control characters become `\x1b` and the like."""
    return "".join(_escaped(text))


def _escaped(text: str) -> Iterable[str]:
    for character in text:
        control = character in BIDIRECTIONAL or unicodedata.category(character) == "Cc"
        control = control and character != "\n"
        yield character.encode("unicode_escape").decode("ascii") if control else character


def _json(value: object, indent: int | None = None) -> str:
    return json.dumps(value, ensure_ascii=False, indent=indent, default=str)
