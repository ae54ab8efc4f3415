from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from vantage_jira_plugin.exporting.lock import FolderLock


def test_a_folder_is_held_by_one(tmp_path):
    """A second holder is refused until the first lets go; the folder is its user's alone."""
    folder = tmp_path / "spool"
    first = FolderLock(folder)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    with pytest.raises(BlockingIOError):
        FolderLock(folder)
    first.release()
    FolderLock(folder).release()


def test_a_folder_goes_with_all_in_it(tmp_path):
    """Files, folders and links in it go; what the links mean stays."""
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "file").touch()
    folder = tmp_path / "spool"
    lock = FolderLock(folder)
    (folder / "file").touch()
    (folder / "deep" / "er").mkdir(parents=True)
    (folder / "link").symlink_to(outside)
    lock.clear(last="file")
    assert [path.name for path in folder.iterdir()] == ["lock"]
    lock.remove(last="file")
    lock.release()
    assert not folder.exists()
    assert (outside / "file").exists()


def test_one_file_goes_last(tmp_path, monkeypatch):
    """What tells of the others is there as long as they are."""
    folder = tmp_path / "spool"
    lock = FolderLock(folder)
    for name in ("a", "journal", "z"):
        (folder / name).touch()
    gone = []
    unlink = Path.unlink

    def noted(path):
        gone.append(path.name)
        unlink(path)

    monkeypatch.setattr(Path, "unlink", noted)
    lock.remove(last="journal")
    lock.release()
    assert sorted(gone[:2]) == ["a", "z"]
    assert gone[2:] == ["journal", "lock"]


def test_whoever_locked_a_file_that_is_gone_starts_over(tmp_path, monkeypatch):
    """Between finding and locking the file its holder may remove it; a lock on that would keep nobody out."""
    folder = tmp_path / "spool"
    first = FolderLock(folder)
    real, opened = os.open, []

    def found_and_removed(path, *flags, **more):
        file = real(path, *flags, **more)
        opened.append(file)
        if len(opened) == 1:
            first.remove(last="journal")
            first.release()
        return file

    with monkeypatch.context() as patched:
        patched.setattr(os, "open", found_and_removed)
        second = FolderLock(folder)
    with pytest.raises(BlockingIOError):
        FolderLock(folder)
    assert len(opened) == 2
    second.release()


def test_a_file_or_link_in_its_place_is_refused(tmp_path):
    """A folder that somebody else laid there, or that leads elsewhere, is not written to."""
    (tmp_path / "file").touch()
    with pytest.raises(PermissionError):
        FolderLock(tmp_path / "file")
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(PermissionError):
        FolderLock(tmp_path / "link")


def test_another_users_folder_is_refused(tmp_path, monkeypatch):
    """What another user owns, that user can read."""
    folder = tmp_path / "spool"
    folder.mkdir()
    monkeypatch.setattr(os, "geteuid", lambda: os.getuid() + 1)
    with pytest.raises(PermissionError):
        FolderLock(folder)
