"""Data as text: table, JSON, NDJSON or CSV. What the data means is the commands' business."""

from __future__ import annotations

import csv
import json
import sys
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, TextIO, get_args

from rich import box
from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

__all__ = ["FORMATS", "Format", "counted", "printable", "row_name", "write_json", "write_record", "write_rows"]

Format = Literal["table", "json", "ndjson", "csv"]
#: Values of `--format`.
FORMATS: tuple[Format, ...] = get_args(Format)
#: Characters that reorder what stands around them (https://www.unicode.org/reports/tr9/).
BIDIRECTIONAL = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
#: Columns by which people know a row; together with the first column they are shown however narrow a terminal is.
KEY_COLUMNS = ("key", "issueKey")
#: Columns of one record.
FIELD_COLUMNS = ("field", "value")
#: Longest word that is kept whole in a narrow column, in character cells.
LONGEST_WORD = 18
#: Width below which no column's text is wrapped, in character cells.
NARROWEST_COLUMN = 10
#: Room between two columns, in character cells.
COLUMN_GAP = 2


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
    if form != "table":
        write_rows([record], list(record), form, stream, document=record)
    elif stream.isatty():
        _write_fields(record, list(record), stream)
    else:
        _write_plain(_fields(record, record), FIELD_COLUMNS, stream)


def write_json(document: object, stream: TextIO) -> None:
    """Write a document as indented JSON."""
    stream.write(f"{_json(document, indent=2)}\n")


def printable(text: str) -> str:
    r"""Return text that cannot steer a terminal: control characters become `\x1b` and the like."""
    return "".join(_escaped(text))


def row_name(row: Mapping[str, Any]) -> str:
    """Return what people call a row: its key, else its first value and the key it belongs to."""
    first = next(iter(row), "")
    names = ("key",) if row.get("key") else dict.fromkeys((first, *KEY_COLUMNS))
    return printable(" ".join(text for name in names if (text := _cell(row.get(name)))) or "(empty)")


def _write_for_people(rows: Sequence[Mapping[str, Any]], columns: Sequence[str], stream: TextIO) -> None:
    """Write one row as a line per field, more as a table of the columns for which there is room."""
    if len(rows) == 1:
        _write_fields(rows[0], columns, stream)
        return
    console = Console(file=stream)
    cells = {column: [_flush(printable(_cell(row.get(column)))) for row in rows] for column in columns}
    wanted = [_wanted(column, cells[column], key=_is_key(column, columns)) for column in columns]
    widths = _widths(wanted, console.width)
    table = _table()
    shown = [(one.column, width) for one, width in zip(wanted, widths, strict=True) if width]
    for column, width in shown:
        table.add_column(Text(printable(column)), overflow="fold", width=width)
    for number in range(len(rows)):
        # Text, not str: what comes from a service must not be read as rich's markup.
        table.add_row(*(Text(cells[column][number]) for column, _ in shown))
    console.print(table)
    left_out = [one.column for one, width in zip(wanted, widths, strict=True) if not width]
    if left_out:
        sys.stderr.write(f"not shown for lack of room: {', '.join(left_out)}; --format json shows all\n")


def _write_fields(record: Mapping[str, Any], names: Iterable[str], stream: TextIO) -> None:
    table = _table()
    for column in FIELD_COLUMNS:
        table.add_column(column, overflow="fold")
    for field in _fields(record, names):
        table.add_row(*(Text(printable(_cell(field[column]))) for column in FIELD_COLUMNS))
    Console(file=stream).print(table)


def _table() -> Table:
    """Return an empty table with `COLUMN_GAP` between its columns: one of padding, one of the box."""
    return Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, 1, 0, 0))


def _fields(record: Mapping[str, Any], names: Iterable[str]) -> list[dict[str, Any]]:
    return [{"field": name, "value": record.get(name)} for name in names]


@dataclass(frozen=True, slots=True)
class _Wanted:
    """How wide a column must and would be, in character cells of a terminal."""

    column: str
    least: int
    most: int
    key: bool


def _is_key(column: str, columns: Sequence[str]) -> bool:
    return column == columns[0] or column in KEY_COLUMNS


def _wanted(column: str, cells: Sequence[str], *, key: bool) -> _Wanted:
    lines = [line for cell in (printable(column), *cells) for line in cell.split("\n")]
    most = max(cell_len(line) for line in lines)
    word = max((cell_len(word) for line in lines for word in line.split()), default=1)
    least = most if key else max(min(word, LONGEST_WORD), min(most, NARROWEST_COLUMN))
    return _Wanted(column, max(1, least), max(1, most), key)


def _widths(wanted: Sequence[_Wanted], room: int) -> list[int]:
    """Return the width of each column, 0 where there is no room for it: the last go first, keys never."""
    shown = list(wanted)
    while _needed(shown) > room and not all(one.key for one in shown):
        shown.remove(next(one for one in reversed(shown) if not one.key))
    left = room - _needed(shown)
    if left < 0:  # keys alone are too wide: they share what there is
        share = max(1, (room - COLUMN_GAP * (len(shown) - 1)) // len(shown))
        return [min(one.least, share) if one in shown else 0 for one in wanted]
    widths = {one.column: one.least for one in shown}
    # Those that lack least are served first, so that what they leave goes to the others.
    for place, one in enumerate(sorted(shown, key=lambda one: one.most - one.least)):
        more = min(one.most - one.least, left // (len(shown) - place))
        widths[one.column] += more
        left -= more
    return [widths.get(one.column, 0) for one in wanted]


def _needed(shown: Sequence[_Wanted]) -> int:
    return sum(one.least for one in shown) + COLUMN_GAP * (len(shown) - 1)


def _write_plain(rows: Sequence[Mapping[str, Any]], columns: Sequence[str], stream: TextIO) -> None:
    """Write one line per row, every cell whole, columns aligned."""
    lines = [list(columns), *([_cell(row.get(column)) for column in columns] for row in rows)]
    cells = [[printable(cell).replace("\n", "\\n") for cell in line] for line in lines]
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


def _flush(text: str) -> str:
    """Return a text whose lines begin at the margin: in a narrow column, an indent would break the word behind it."""
    return "\n".join(line.lstrip(" ") for line in text.split("\n"))


def _escaped(text: str) -> Iterable[str]:
    for character in text:
        control = character in BIDIRECTIONAL or unicodedata.category(character) == "Cc"
        control = control and character != "\n"
        yield character.encode("unicode_escape").decode("ascii") if control else character


def _json(value: object, indent: int | None = None) -> str:
    return json.dumps(value, ensure_ascii=False, indent=indent, default=str)
