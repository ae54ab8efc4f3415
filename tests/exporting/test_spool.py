from __future__ import annotations

from collections import Counter

import pytest

from tests.exporting.pulling import COLUMNS, Pull, row, rows
from vantage_jira_plugin.exporting.formats import format_named
from vantage_jira_plugin.exporting.spool import Finished, Spool
from vantage_jira_plugin.reading.keeper import PartState

_NDJSON = format_named("ndjson", COLUMNS)


def _spool(folder, digest="d", **more):
    return Spool(folder, digest, _NDJSON, **more)


def _text(spool):
    return b"".join(data for data, _ in spool.pages())


def _whole(count):
    return _NDJSON.encode(rows(count)).data


def test_pages_of_all_parts_come_in_the_querys_order(tmp_path):
    """Parts are read side by side and cut in two on the way; their rows stand in one order."""
    pull = Pull(parts=5, size=37, page=6, threads=4)
    with _spool(tmp_path / "s") as spool:
        assert pull(spool) is None
        assert spool.rows == len(pull.numbers)
        assert _text(spool) == _whole(len(pull.numbers))


def test_what_is_kept_is_not_read_again(tmp_path):
    """A second run is given each part where it stopped, and reads only what is missing."""
    first = Pull(stop_after=9)
    with _spool(tmp_path / "s") as spool:
        first(spool)
        kept = spool.rows
    second = Pull()
    with _spool(tmp_path / "s") as spool:
        assert spool.rows == kept > 0
        second(spool)
        assert _text(spool) == _whole(120)
    assert not set(first.read) & set(second.read)


@pytest.mark.parametrize("change", [{"digest": "other"}, {"resume": False}])
def test_another_pull_begins_anew(tmp_path, change):
    """What was kept of another query, or is not wanted, goes."""
    with _spool(tmp_path / "s") as spool:
        Pull(stop_after=9)(spool)
        assert spool.rows
    (tmp_path / "s" / "assembled").touch()
    with _spool(tmp_path / "s", **change) as spool:
        assert spool.rows == 0
        assert spool.restored() is None
        assert {path.name for path in (tmp_path / "s").iterdir()} == {"lock", "journal"}


def test_what_is_wanted_for_nothing_is_left(tmp_path):
    """Until something is read, the spool of another query stays as it is."""
    with _spool(tmp_path / "s") as spool:
        Pull(stop_after=9)(spool)
    before = {path.name: path.read_bytes() for path in (tmp_path / "s").iterdir()}
    with _spool(tmp_path / "s", "other"):
        pass
    assert {path.name: path.read_bytes() for path in (tmp_path / "s").iterdir()} == before


def test_a_spool_grows_old(tmp_path):
    """After six days without a page its page tokens are worth nothing, and it is begun anew."""
    with _spool(tmp_path / "s") as spool:
        Pull(stop_after=9)(spool)
    written_at = (tmp_path / "s" / "journal").stat().st_mtime
    with _spool(tmp_path / "s", clock=lambda: written_at + 6 * 86_400) as spool:
        assert spool.rows > 0
    with _spool(tmp_path / "s", clock=lambda: written_at + 6 * 86_400 + 1) as spool:
        assert spool.rows == 0


def test_a_spool_without_rows_leaves_nothing(tmp_path):
    """A query that fails at once leaves no folder behind."""
    with _spool(tmp_path / "s") as spool:
        spool.restored()
        spool.planned([PartState((0,), {})])
    assert not (tmp_path / "s").exists()
    with _spool(tmp_path / "s"):
        pass
    assert not (tmp_path / "s").exists()


def test_two_runs_do_not_share_a_spool(tmp_path):
    """The second is refused while the first is at it."""
    with _spool(tmp_path / "s"), pytest.raises(BlockingIOError):
        _spool(tmp_path / "s")


def test_a_journal_cut_at_any_byte_goes_on_without_a_gap(tmp_path):
    """Wherever a kill cuts the journal, the next run makes the same table, and reads no page that the journal tells."""
    folder = tmp_path / "s"
    with _spool(folder) as spool:
        Pull(2, 12, 3, threads=1)(spool)
    files = {path.name: path.read_bytes() for path in folder.iterdir()}
    for cut in range(0, len(files["journal"]), 3):
        for name, data in files.items():
            (folder / name).write_bytes(data)
        (folder / "journal").write_bytes(files["journal"][:cut])
        again = Pull(2, 12, 3, threads=1)
        with _spool(folder) as spool:
            kept = spool.rows
            again(spool)
            assert _text(spool) == _whole(24)
        assert 24 - kept == len({number for start in again.read for number in range(start, start + 3)})


def test_pages_that_the_disk_lost_are_read_again(tmp_path):
    """A power failure may take a page that the journal tells of; it, and what came after it, is read anew."""
    folder = tmp_path / "s"
    for number in range(6):
        with _spool(folder, resume=False) as spool:
            Pull(3, 12, 2, threads=2)(spool)
        pages = folder / f"{number}.pages"
        data = bytearray(pages.read_bytes())
        data[len(data) // 2] ^= 255
        pages.write_bytes(data)
        again = Pull(3, 12, 2, threads=2)
        with _spool(folder) as spool:
            assert 0 <= spool.rows < 36
            again(spool)
            assert _text(spool) == _whole(36)


def test_rows_whose_entry_is_missing_are_written_over(tmp_path):
    """A page that was written while its entry was not is read again, and stands there once."""
    folder = tmp_path / "s"
    with _spool(folder) as spool:
        spool.restored()
        spool.planned([PartState((0,), {"at": 0})])
        spool.page(PartState((0,), {"at": 1}, rows=1), [row(0)])
        journal = (folder / "journal").read_bytes()
        spool.page(PartState((0,), {"at": 3}, rows=3), [row(1), row(2)])
    (folder / "journal").write_bytes(journal)
    with _spool(folder) as spool:
        assert spool.restored() == [PartState((0,), {"at": 1}, rows=1)]
        spool.page(PartState((0,), {"at": 2}, done=True, rows=2), [row(1)])
        assert _text(spool) == _whole(2)


def test_a_page_without_rows_moves_the_state_only(tmp_path):
    """A part whose last page is empty is done all the same."""
    with _spool(tmp_path / "s") as spool:
        spool.restored()
        spool.planned([PartState((0,), {}), PartState((1,), {})])
        spool.page(PartState((1,), {}, done=True, rows=1), [row(0)])
        spool.page(PartState((0,), {}, done=True), [])
    with _spool(tmp_path / "s") as spool:
        assert spool.restored() == [PartState((0,), {}, done=True), PartState((1,), {}, done=True, rows=1)]


def test_lost_cells_are_counted_over_all_runs(tmp_path):
    """What an earlier run could not write as it was is told by the one that finishes."""
    bad = {**row(0), "summary": "\ud800"}
    with _spool(tmp_path / "s") as spool:
        spool.restored()
        spool.planned([PartState((0,), {})])
        spool.page(PartState((0,), {}, rows=1), [bad])
    with _spool(tmp_path / "s") as spool:
        spool.restored()
        spool.page(PartState((0,), {}, rows=3), [bad, bad])
        assert spool.lost == Counter(summary=3)


def test_the_end_and_the_file_are_remembered(tmp_path):
    """That everything was read, and what was made of it, outlives a kill."""
    with _spool(tmp_path / "s") as spool:
        Pull()(spool)
        spool.end("maxRows")
        spool.finish(Finished(5, 100, "abc"))
    with _spool(tmp_path / "s") as spool:
        assert (spool.ended, spool.incomplete_reason) == (True, "maxRows")
        assert spool.finished == Finished(5, 100, "abc")
        spool.restored()
        spool.remove()
    assert not (tmp_path / "s").exists()


def test_others_may_not_read_the_spool(tmp_path):
    """Rows of issues that not everybody may see are in a folder of their user's own."""
    with _spool(tmp_path / "s") as spool:
        Pull()(spool)
        assert (tmp_path / "s").stat().st_mode & 0o077 == 0
