from __future__ import annotations

import pytest

from vantage_jira_plugin.exporting.frames import DamagedError, append, frames, whole


def test_pages_come_back_one_by_one(tmp_path):
    """Each page comes with its rows, in the order in which they were written; empty ones, too."""
    path = tmp_path / "0.pages"
    end = append(path, 0, b"one", 1)
    middle = end
    end = append(path, end, b"", 0)
    end = append(path, end, b"three", 3)
    assert list(frames(path, end)) == [(b"one", 1), (b"", 0), (b"three", 3)]
    assert list(frames(path, end, middle)) == [(b"", 0), (b"three", 3)]
    assert list(frames(path, 0)) == []


def test_what_is_behind_the_end_is_written_over(tmp_path):
    """The rest of a page that nothing counts is no obstacle to the next one."""
    path = tmp_path / "0.pages"
    end = append(path, 0, b"one", 1)
    append(path, end, b"lost" * 100, 9)
    end = append(path, end, b"two", 2)
    assert list(frames(path, end)) == [(b"one", 1), (b"two", 2)]
    assert path.stat().st_size == end


def test_any_changed_byte_is_noticed(tmp_path):
    """Whichever byte of a file is another one, or is missing, the file is not whole."""
    path = tmp_path / "0.pages"
    end = append(path, append(path, 0, b"some rows", 2), b"more", 1)
    good = path.read_bytes()
    assert whole(path, 0, end)
    for place in range(end):
        path.write_bytes(good[:place] + bytes([good[place] ^ 1]) + good[place + 1 :])
        assert not whole(path, 0, end)
        path.write_bytes(good[:place])
        assert not whole(path, 0, end)
    with pytest.raises(DamagedError):
        list(frames(path, end))


def test_a_file_that_is_not_there_is_not_whole(tmp_path):
    """Nothing is whole only where nothing is wanted."""
    assert not whole(tmp_path / "no.pages", 0, 10)
    assert whole(tmp_path / "no.pages", 0, 0)
