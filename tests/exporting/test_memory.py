"""How much memory the way from pages to the file takes: the same for few rows and for many."""

from __future__ import annotations

import tracemalloc

import pyarrow as pa
import pytest

from tests.exporting.pulling import COLUMNS, row
from vantage_jira_plugin.exporting import columnar
from vantage_jira_plugin.exporting.export import prepared
from vantage_jira_plugin.reading.keeper import PartState

_PAGE = [{**row(number), "summary": f"{number} " * 40} for number in range(100)]
_FEW, _MANY = 60, 1200
_PARTS = 6


def _pull(pages):
    """Hand over as many pages, of parts that grow by turns."""

    def run(keeper):
        keeper.restored()
        parts = [PartState((number,), {"token": ""}) for number in range(_PARTS)]
        keeper.planned(parts)
        for number in range(pages):
            part = parts[number % _PARTS]
            done = number >= pages - _PARTS
            part = PartState(part.position, {"token": "x" * 200}, done=done, rows=part.rows + len(_PAGE))
            parts[number % _PARTS] = part
            keeper.page(part, _PAGE)

    return run


def _peak_bytes(target, pages):
    """Return the most that was allocated at once, by Python and by Arrow."""
    before = pa.total_allocated_bytes()
    seen = []
    export = prepared(str(target), None, None, overwrite=True, resume=False)
    tracemalloc.start()
    try:
        exported = export.run(
            COLUMNS, ["q"], _pull(pages), max_rows=None,
            progress=lambda rows: seen.append(pa.total_allocated_bytes()) if rows % 500 == 0 else None,
        )  # fmt: skip
        assert exported.rows == pages * len(_PAGE)
        return tracemalloc.get_traced_memory()[1] + max(seen) - before
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("name", ["a.ndjson", "a.csv.gz", "a.arrow", "a.parquet"])
def test_many_rows_need_no_more_memory_than_few(tmp_path, monkeypatch, name):
    """Twenty times the rows take the same peak, spooling and writing included."""
    monkeypatch.setattr(columnar, "_GROUP_ROWS", 1_000)
    _peak_bytes(tmp_path / name, 6)  # loads what is loaded once
    few, many = _peak_bytes(tmp_path / name, _FEW), _peak_bytes(tmp_path / name, _MANY)
    assert many < few + 256 * 1024
