from __future__ import annotations

import errno
import os
import sys
from hashlib import sha256
from pathlib import Path

import pytest

from vantage_jira_plugin.errors import InputError
from vantage_jira_plugin.exporting.places import place_of
from vantage_jira_plugin.exporting.spool import Finished
from vantage_jira_plugin.exporting.targets import parse_target


def _place(path):
    return place_of(parse_target(str(path), "csv", None))


def _made(tmp_path, text="new"):
    file = tmp_path / "made"
    file.write_text(text, encoding="utf-8")
    return file


def test_a_file_gets_its_name(tmp_path):
    """The spool is beside the target; the file is there under its name, readable as new files are."""
    place = _place(tmp_path / "a.csv")
    assert place.spool == tmp_path.resolve() / ".a.csv.vantage-part"
    assert not place.exists()
    place.put(_made(tmp_path), overwrite=False)
    assert place.exists()
    assert (tmp_path / "a.csv").read_text(encoding="utf-8") == "new"


def test_another_file_is_replaced_only_on_request(tmp_path):
    """One that appeared meanwhile stays, whole; with overwrite it is replaced."""
    (tmp_path / "a.csv").write_text("old", encoding="utf-8")
    place = _place(tmp_path / "a.csv")
    with pytest.raises(FileExistsError):
        place.put(_made(tmp_path), overwrite=False)
    assert (tmp_path / "a.csv").read_text(encoding="utf-8") == "old"
    place.put(_made(tmp_path), overwrite=True)
    assert (tmp_path / "a.csv").read_text(encoding="utf-8") == "new"


def test_a_link_is_replaced_and_not_followed(tmp_path):
    """Where a link leads, nothing is written; a link that leads nowhere is a file that is there."""
    (tmp_path / "other").write_text("old", encoding="utf-8")
    (tmp_path / "a.csv").symlink_to(tmp_path / "other")
    (tmp_path / "b.csv").symlink_to(tmp_path / "nowhere")
    assert _place(tmp_path / "b.csv").exists()
    _place(tmp_path / "a.csv").put(_made(tmp_path), overwrite=True)
    assert not (tmp_path / "a.csv").is_symlink()
    assert (tmp_path / "other").read_text(encoding="utf-8") == "old"


def test_a_file_system_without_links_is_written_to_all_the_same(tmp_path, monkeypatch):
    """Where a name cannot be given only if it is free, it is looked whether it is."""

    def no_links(self, target):
        raise OSError(errno.EPERM, os.strerror(errno.EPERM))

    monkeypatch.setattr(Path, "hardlink_to", no_links)
    place = _place(tmp_path / "a.csv")
    place.put(_made(tmp_path), overwrite=False)
    assert (tmp_path / "a.csv").read_text(encoding="utf-8") == "new"
    with pytest.raises(FileExistsError):
        place.put(_made(tmp_path, "newer"), overwrite=False)
    assert (tmp_path / "a.csv").read_text(encoding="utf-8") == "new"


def test_other_failures_are_told(tmp_path, monkeypatch):
    """A full disk is not taken for a file system without links."""

    def full(self, target):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(Path, "hardlink_to", full)
    with pytest.raises(OSError, match="No space"):
        _place(tmp_path / "a.csv").put(_made(tmp_path), overwrite=False)


def test_a_file_is_known_by_size_and_digest(tmp_path):
    """Only the same bytes are the same file."""
    place = _place(tmp_path / "a.csv")
    finished = Finished(1, 3, sha256(b"new").hexdigest())
    assert not place.holds(finished)
    for text, same in (("new", True), ("old", False), ("newer", False)):
        (tmp_path / "a.csv").write_text(text, encoding="utf-8")
        assert place.holds(finished) is same


def test_urls_need_their_extra(monkeypatch):
    """Without fsspec a URL is refused with what to install."""
    monkeypatch.setitem(sys.modules, "vantage_jira_plugin.exporting.remote", None)
    with pytest.raises(InputError, match=r"vantage-jira-plugin\[arrow\]") as caught:
        place_of(parse_target("memory://a.csv", None, None))
    assert list(caught.value.errors) == ["target"]
