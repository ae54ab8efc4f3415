"""How much memory the way from pages to the file takes: the same for few rows and for many."""

from __future__ import annotations

import io
import tracemalloc
from contextlib import contextmanager
from types import SimpleNamespace

import pyarrow as pa
import pytest

from tests.exporting.pulling import COLUMNS, row
from vantage_jira_plugin.exporting import columnar
from vantage_jira_plugin.exporting.export import prepared
from vantage_jira_plugin.exporting.formats import format_named
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


def _arrow_bytes():
    """Return what Arrow has allocated in pyarrow's own pool and in the C library's."""
    pools = {pool.backend_name: pool for pool in (pa.default_memory_pool(), pa.system_memory_pool())}
    return sum(pool.bytes_allocated() for pool in pools.values())


def _peak_bytes(target, pages):
    """Return the most that was allocated at once, by Python and by Arrow."""
    before = _arrow_bytes()
    seen = []
    export = prepared(str(target), None, None, overwrite=True, resume=False)
    tracemalloc.start()
    try:
        exported = export.run(
            COLUMNS, ["q"], _pull(pages), max_rows=None,
            progress=lambda rows: seen.append(_arrow_bytes()) if rows % 500 == 0 else None,
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
    few = _peak_bytes(tmp_path / name, _FEW)
    # Once in ten thousands of names of files, Python makes a new table of texts that it shares, of 2 MB.
    assert any(_peak_bytes(tmp_path / name, _MANY) < few + 256 * 1024 for _ in range(2))


@contextmanager
def _pyarrows_pool():
    """Watch the pool that pyarrow takes where none is named: what a thread gives back there is kept for that thread."""
    before = pa.default_memory_pool()
    watched = pa.proxy_memory_pool(before)
    pa.set_memory_pool(watched)
    try:
        yield watched
    finally:
        pa.set_memory_pool(before)


@pytest.mark.parametrize("name", ["arrow", "parquet"])
@pytest.mark.parametrize("created", [_PAGE[0]["created"], "2026-01-31T09:30:00+02:00", "soon"])
def test_pages_leave_no_memory_to_the_threads_that_read(name, created):
    """Pages, plain or not, are encoded and cut outside the pool that would keep as much for each of many threads."""
    page = [{**made, "created": created} for made in _PAGE]
    encoding = format_named(name, COLUMNS)
    with _pyarrows_pool() as pool:
        encoding.head(encoding.encode(page).data, 7)
        assert pool.max_memory() == 0


@pytest.mark.parametrize("name", ["arrow", "parquet"])
def test_a_written_group_gives_its_memory_back(monkeypatch, name):
    """What pyarrow's own pool keeps is released with each group, and not with each page."""
    monkeypatch.setattr(columnar, "_GROUP_ROWS", 300)
    released = []
    pool = SimpleNamespace(release_unused=lambda: released.append(1))
    encoding = format_named(name, COLUMNS)
    data = encoding.encode(_PAGE).data
    with monkeypatch.context() as patched:
        patched.setattr(pa, "default_memory_pool", lambda: pool)
        writer = encoding.writer(io.BytesIO())
        for _ in range(7):
            writer.add(data)
        writer.finish()
    assert len(released) == 3
