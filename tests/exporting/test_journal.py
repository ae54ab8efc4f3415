from __future__ import annotations

import errno
import os

import pytest

from vantage_jira_plugin.exporting.journal import Journal, entries


def _journal(path, *added):
    journal = Journal(path, 0)
    for entry in added:
        journal.add(entry)
    journal.close()
    return path


def test_entries_come_back_with_their_ends(tmp_path):
    """What was added is read in order, and the last end is the file's."""
    path = _journal(tmp_path / "journal", {"a": 1}, {"b": ["ü\n"]})
    read = list(entries(path))
    assert [entry for entry, _ in read] == [{"a": 1}, {"b": ["ü\n"]}]
    assert read[-1][1] == path.stat().st_size


def test_no_file_has_no_entries(tmp_path):
    """A journal that was never begun is empty."""
    assert list(entries(tmp_path / "journal")) == []


def test_a_journal_cut_at_any_byte_is_read_as_far_as_it_is_whole(tmp_path):
    """After a cut every entry before it is there, and no half one."""
    path = _journal(tmp_path / "journal", {"a": 1}, {"b": 2}, {"c": 3})
    whole = path.read_bytes()
    ends = [end for _, end in entries(path)]
    for cut in range(len(whole)):
        path.write_bytes(whole[:cut])
        assert len(list(entries(path))) == sum(end <= cut for end in ends)


def test_nothing_behind_a_changed_byte_counts(tmp_path):
    """An entry that is damaged ends the journal, though later ones are whole."""
    path = _journal(tmp_path / "journal", {"a": 1}, {"b": 2}, {"c": 3})
    whole = path.read_bytes()
    path.write_bytes(whole.replace(b'"b"', b'"x"'))
    assert [entry for entry, _ in entries(path)] == [{"a": 1}]


def test_a_journal_goes_on_behind_what_is_kept(tmp_path):
    """What was not whole is cut off before anything is added."""
    path = _journal(tmp_path / "journal", {"a": 1}, {"b": 2})
    first_end = next(iter(entries(path)))[1]
    path.write_bytes(path.read_bytes()[:-3])
    journal = Journal(path, first_end)
    journal.add({"c": 3})
    journal.close()
    assert [entry for entry, _ in entries(path)] == [{"a": 1}, {"c": 3}]


def test_nothing_is_added_behind_half_an_entry(tmp_path, monkeypatch):
    """When the disk is full in the middle of an entry, the next ones fail as well: nobody could read them."""
    path = tmp_path / "journal"
    journal = Journal(path, 0)
    journal.add({"a": 1})
    write, calls = os.write, []

    def full(file, data):
        calls.append(len(data))
        if len(calls) == 1:
            return write(file, data[:5])
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patched:
        patched.setattr(os, "write", full)
        with pytest.raises(OSError, match="No space"):
            journal.add({"b": 2})
    with pytest.raises(OSError, match="No space"):
        journal.add({"c": 3})
    journal.close()
    assert len(calls) == 2
    assert [entry for entry, _ in entries(path)] == [{"a": 1}]
