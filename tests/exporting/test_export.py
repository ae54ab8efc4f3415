from __future__ import annotations

import errno
import json
import os
from collections import Counter

import pyarrow.parquet as pq
import pytest

from tests.exporting.pulling import COLUMNS, Pull, row
from vantage_jira_plugin.errors import InputError, NetworkError, TargetError, WriteUnderWayError
from vantage_jira_plugin.exporting.export import prepared
from vantage_jira_plugin.exporting.places import _LocalPlace
from vantage_jira_plugin.exporting.spool import Spool


def _export(target, pull, *, overwrite=False, resume=True, source=("q",), max_rows=None, folder=None, progress=None):
    export = prepared(str(target), None, folder, overwrite=overwrite, resume=resume)
    return export.run(COLUMNS, source, pull, max_rows=max_rows, progress=progress or (lambda rows: None))


def _die(*_):
    raise KeyboardInterrupt


def _keys(path):
    return [json.loads(line)["key"] for line in path.read_text(encoding="utf-8").splitlines()]


def _all_keys(count=120):
    return [row(number)["key"] for number in range(count)]


def test_a_whole_search_is_one_file(tmp_path):
    """All rows in the query's order, and nothing else left in the folder."""
    exported = _export(tmp_path / "a.ndjson", Pull())
    assert _keys(tmp_path / "a.ndjson") == _all_keys()
    assert (exported.rows, exported.resumed_rows, exported.incomplete_reason) == (120, 0, None)
    assert exported.size_bytes == (tmp_path / "a.ndjson").stat().st_size
    assert exported.finished
    assert [path.name for path in tmp_path.iterdir()] == ["a.ndjson"]


def test_no_rows_are_a_file_too(tmp_path):
    """An empty result makes a file that tells its columns."""
    assert _export(tmp_path / "a.parquet", Pull(parts=0)).rows == 0
    assert pq.read_schema(tmp_path / "a.parquet").names == [column["name"] for column in COLUMNS]
    assert [path.name for path in tmp_path.iterdir()] == ["a.parquet"]


def test_a_file_that_is_there_is_refused_before_anything_is_read(tmp_path):
    """It is named, and stays; on request it is replaced at the end, and not before."""
    target = tmp_path / "a.ndjson"
    target.write_text("old", encoding="utf-8")
    with pytest.raises(InputError, match="overwrite") as caught:
        prepared(str(target), None, None, overwrite=False, resume=True)
    assert list(caught.value.errors) == ["target"]
    seen = []

    def look(number):
        seen.append(target.read_text(encoding="utf-8"))
        return row(number)

    _export(target, Pull(make=look), overwrite=True)
    assert set(seen) == {"old"}
    assert _keys(target) == _all_keys()


def test_a_file_that_came_meanwhile_stays(tmp_path):
    """Somebody else's file is not replaced; what was read is kept, and goes elsewhere or over it on request."""
    target = tmp_path / "a.ndjson"

    def meanwhile(number):
        target.write_text("theirs", encoding="utf-8")
        return row(number)

    with pytest.raises(InputError, match="exists"):
        _export(target, Pull(make=meanwhile))
    assert target.read_text(encoding="utf-8") == "theirs"
    again = Pull()
    with pytest.raises(InputError, match="exists"):
        _export(target, again)
    assert _export(target, again, overwrite=True).resumed_rows == 120
    assert again.read == []
    assert _keys(target) == _all_keys()


@pytest.mark.parametrize("reason", ["timeout", "points"])
def test_a_run_out_of_time_or_points_makes_no_file_and_goes_on_later(tmp_path, reason):
    """Half a table is not put where others take it for a whole one; the next run reads the rest."""
    target = tmp_path / "a.ndjson"
    first, second = Pull(stop_after=9, reason=reason), Pull()
    begun = _export(target, first)
    assert (begun.finished, begun.incomplete_reason) == (False, reason)
    assert (begun.size_bytes, begun.sha256) == (None, None)
    assert begun.rows > 0
    assert not target.exists()
    ended = _export(target, second)
    assert (ended.finished, ended.rows, ended.resumed_rows) == (True, 120, begun.rows)
    assert not set(first.read) & set(second.read)
    assert _keys(target) == _all_keys()


def test_nothing_behind_a_gap_is_in_the_file(tmp_path):
    """Where a part could not be read to its end, the file ends there, like the table of a search."""
    exported = _export(tmp_path / "a.ndjson", Pull(threads=1, page=10, stop_after=9, reason="page_token_missing"))
    keys = _keys(tmp_path / "a.ndjson")
    assert exported.incomplete_reason == "page_token_missing"
    assert keys == _all_keys()[: len(keys)]
    assert 0 < len(keys) == exported.rows < 90


@pytest.mark.parametrize("reason", ["maxRows", "jira_warning", "page_repeated"])
def test_other_reasons_make_a_file_and_are_told(tmp_path, reason):
    """What another run would not make better is put in place, with the reason."""
    exported = _export(tmp_path / "a.ndjson", Pull(reason=reason), max_rows=50)
    assert (exported.incomplete_reason, exported.rows) == (reason, 50)
    assert _keys(tmp_path / "a.ndjson") == _all_keys()[:50]


def test_a_failed_reading_is_gone_on_with(tmp_path):
    """What was read before the failure counts."""
    target = tmp_path / "a.ndjson"

    def fail(number):
        if number == 70:
            raise NetworkError("gone")
        return row(number)

    with pytest.raises(NetworkError):
        _export(target, Pull(make=fail))
    exported = _export(target, Pull())
    assert exported.resumed_rows > 0
    assert _keys(target) == _all_keys()


def test_a_reading_that_fails_at_once_leaves_nothing(tmp_path):
    """A query that Jira refuses leaves no folder behind."""

    def refuse(keeper):
        keeper.restored()
        raise NetworkError("no")

    with pytest.raises(NetworkError):
        _export(tmp_path / "a.ndjson", refuse)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "change", [{"source": ("other",)}, {"max_rows": 60}, {"resume": False}], ids=["query", "maxRows", "resume"]
)
def test_another_export_begins_anew(tmp_path, change):
    """What was kept of another query, or with `resume` false, is not used."""
    _export(tmp_path / "a.ndjson", Pull(stop_after=9, reason="timeout"))
    assert _export(tmp_path / "a.ndjson", Pull(), **change).resumed_rows == 0


def test_another_version_begins_anew(tmp_path, monkeypatch):
    """It may make other rows, and does not know the states that the earlier one has noted."""
    _export(tmp_path / "a.ndjson", Pull(stop_after=9, reason="timeout"))
    monkeypatch.setattr("vantage_jira_plugin.exporting.export.__version__", "0.0.0")
    assert _export(tmp_path / "a.ndjson", Pull()).resumed_rows == 0


def test_a_refused_export_leaves_what_another_has_kept(tmp_path):
    """A file came to be there meanwhile: nothing is read, and nothing is removed."""
    path = tmp_path / "a.ndjson"
    kept = _export(path, Pull(stop_after=9, reason="timeout")).rows
    path.write_text("mine", encoding="utf-8")
    with pytest.raises(InputError):
        _export(path, Pull(), source=("other",))
    path.unlink()
    assert _export(path, Pull()).resumed_rows == kept > 0


def test_a_run_killed_after_the_file_was_put_in_place_is_done(tmp_path, monkeypatch):
    """The next run finds that the file is its own, reads nothing, and says what is there."""
    target = tmp_path / "a.ndjson"
    put = _LocalPlace.put

    def put_and_die(self, file, *, overwrite):
        put(self, file, overwrite=overwrite)
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(_LocalPlace, "put", put_and_die)
        with pytest.raises(KeyboardInterrupt):
            _export(target, Pull())
    again = Pull()
    exported = _export(target, again)
    assert (again.read, exported.rows, exported.resumed_rows) == ([], 120, 120)
    assert exported.size_bytes == target.stat().st_size
    assert [path.name for path in tmp_path.iterdir()] == ["a.ndjson"]


def test_a_run_killed_while_it_clears_up_is_done(tmp_path, monkeypatch):
    """Pages are gone and the journal is there: the file is known, with all that is to be told of it."""
    target = tmp_path / "a.parquet"
    pull = Pull(reason="maxRows", make=lambda number: {**row(number), "votes": "many"})
    with monkeypatch.context() as patched:
        patched.setattr(Spool, "remove", _die)
        with pytest.raises(KeyboardInterrupt):
            _export(target, pull, max_rows=50)
    for pages in (tmp_path / ".a.parquet.vantage-part").glob("*.pages"):
        pages.unlink()
    exported = _export(target, Pull(), max_rows=50)
    assert (exported.rows, exported.resumed_rows, exported.incomplete_reason) == (50, 50, "maxRows")
    assert exported.lost == {"votes": 120}
    assert [path.name for path in tmp_path.iterdir()] == ["a.parquet"]


def test_another_file_is_not_taken_for_the_finished_one(tmp_path, monkeypatch):
    """Where the file in its place is not the one that the journal tells of, it is refused, or all is read anew."""
    target = tmp_path / "a.ndjson"
    with monkeypatch.context() as patched:
        patched.setattr(Spool, "remove", _die)
        with pytest.raises(KeyboardInterrupt):
            _export(target, Pull())
    target.write_text("theirs", encoding="utf-8")
    with pytest.raises(InputError, match="exists"):
        _export(target, Pull())
    assert target.read_text(encoding="utf-8") == "theirs"
    for pages in (tmp_path / ".a.ndjson.vantage-part").glob("*.pages"):
        pages.unlink()
    again = Pull()
    assert _export(target, again, overwrite=True).resumed_rows == 0
    assert sum(1 for _ in again.read) > 0
    assert _keys(target) == _all_keys()


def test_two_exports_to_one_target_are_not_mixed(tmp_path):
    """The second is told that the first is at it, and spoils nothing."""
    target = tmp_path / "a.ndjson"
    refused = []

    def twice(number):
        if number == 0:
            with pytest.raises(WriteUnderWayError) as caught:
                _export(target, Pull())
            refused.append(caught.value.code)
        return row(number)

    _export(target, Pull(make=twice))
    assert refused == ["conflict"]
    assert _keys(target) == _all_keys()


def test_a_full_disk_is_told_and_gone_on_with(tmp_path, monkeypatch):
    """The failure names the target, and the next run goes on with what was kept."""
    target = tmp_path / "a.ndjson"
    write, written = os.write, Counter()

    def full(file, data):
        written["calls"] += 1
        if written["calls"] > 12:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return write(file, data)

    with monkeypatch.context() as patched:
        patched.setattr(os, "write", full)
        with pytest.raises(TargetError, match="No space left") as caught:
            _export(target, Pull())
    assert caught.value.retryable
    assert str(target) in caught.value.message
    assert _export(target, Pull()).resumed_rows > 0
    assert _keys(target) == _all_keys()


def test_a_folder_that_cannot_be_written_is_told(tmp_path):
    """Where a file lies in the spool's place, nothing is read."""
    (tmp_path / ".a.ndjson.vantage-part").touch()
    pull = Pull()
    with pytest.raises(TargetError):
        _export(tmp_path / "a.ndjson", pull)
    assert pull.read == []


def test_lost_cells_are_counted(tmp_path):
    """Cells that the format cannot hold are told by column, and their rows are there."""
    exported = _export(tmp_path / "a.parquet", Pull(make=lambda number: {**row(number), "votes": "many"}))
    assert exported.lost == {"votes": 120}
    assert pq.read_table(tmp_path / "a.parquet").num_rows == 120


def test_progress_is_told_while_the_file_is_written(tmp_path):
    """The last report is the number of rows."""
    told = []
    _export(tmp_path / "a.ndjson", Pull(), progress=told.append)
    assert told == sorted(told)
    assert told[-1] == 120
