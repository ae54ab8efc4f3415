from __future__ import annotations

import gc
import gzip
from hashlib import sha256

import pytest

from tests.exporting.pulling import COLUMNS, rows
from vantage_jira_plugin.exporting.assembly import assemble
from vantage_jira_plugin.exporting.formats import format_named
from vantage_jira_plugin.exporting.spool import Finished

_CSV = format_named("csv", COLUMNS)


def _pages(*counts):
    first = 0
    for count in counts:
        yield _CSV.encode(rows(count, first)).data, count
        first += count


def _assembled(path, *counts, compressed=False, max_rows=None, told=None):
    told = [] if told is None else told
    return assemble(_pages(*counts), _CSV, path, compressed=compressed, max_rows=max_rows, progress=told.append)


def test_the_file_is_counted_and_digested(tmp_path):
    """Rows, bytes and SHA-256 are those of the file; progress is told page by page."""
    told = []
    path = tmp_path / "a.csv"
    finished = _assembled(path, 3, 4, told=told)
    data = path.read_bytes()
    assert finished == Finished(7, len(data), sha256(data).hexdigest())
    assert told == [3, 7]


def test_pages_leave_no_trace(tmp_path):
    """The same rows in other pages are the same bytes, compressed ones too."""
    for compressed in (False, True):
        _assembled(tmp_path / "a", 3, 4, compressed=compressed)
        _assembled(tmp_path / "b", 1, 1, 5, compressed=compressed)
        assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_a_compressed_file_holds_the_same(tmp_path):
    """Unpacked, it is the plain file."""
    _assembled(tmp_path / "a", 3, 4)
    finished = _assembled(tmp_path / "a.gz", 3, 4, compressed=True)
    packed = (tmp_path / "a.gz").read_bytes()
    assert gzip.decompress(packed) == (tmp_path / "a").read_bytes()
    assert finished.size_bytes == len(packed)


@pytest.mark.parametrize("most", [1, 3, 5, 7])
def test_no_more_rows_than_wanted(tmp_path, most):
    """The first rows are there, wherever pages end."""
    assert _assembled(tmp_path / "a", 3, 4, max_rows=most).rows == most
    _assembled(tmp_path / "b", most)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


@pytest.mark.parametrize("name", ["csv", "parquet", "arrow"])
def test_a_file_that_is_given_up_is_let_go_quietly(tmp_path, name):
    """A page that cannot be read is the one failure there is: no second one when the file goes away."""
    encoding = format_named(name, COLUMNS)

    def pages():
        yield encoding.encode(rows(3)).data, 3
        raise OSError("damaged")

    with pytest.raises(OSError, match="damaged"):
        assemble(pages(), encoding, tmp_path / "a", compressed=False, max_rows=None, progress=lambda _: None)
    gc.collect()
