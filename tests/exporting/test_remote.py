from __future__ import annotations

import fsspec
import pytest
from fsspec.implementations.memory import MemoryFileSystem

from vantage_jira_plugin.errors import InputError
from vantage_jira_plugin.exporting.places import place_of
from vantage_jira_plugin.exporting.spool import Finished
from vantage_jira_plugin.exporting.targets import parse_target

_URL = "memory://tests-of-remote/a.csv"


@pytest.fixture(autouse=True)
def _no_files_before():
    MemoryFileSystem.store.pop("/tests-of-remote/a.csv", None)


def _place(url=_URL):
    return place_of(parse_target(url, None, None))


def _made(tmp_path, text="new"):
    file = tmp_path / "made"
    file.write_text(text, encoding="utf-8")
    return file


def _read():
    with fsspec.open(_URL, "rb") as file:
        return file.read()


def test_a_file_is_sent(tmp_path):
    """It is there as a whole; its spool is in the system's folder for temporary files, the same at each run."""
    place = _place()
    assert not place.exists()
    place.put(_made(tmp_path, "new" * 1_000_000), overwrite=False)
    assert place.exists()
    assert _read() == b"new" * 1_000_000
    assert place.spool == _place().spool
    assert place.spool != _place("memory://tests-of-remote/b.csv").spool


def test_another_file_is_replaced_only_on_request(tmp_path):
    """One that is there stays; with overwrite it is replaced."""
    place = _place()
    place.put(_made(tmp_path, "old"), overwrite=False)
    with pytest.raises(FileExistsError):
        place.put(_made(tmp_path), overwrite=False)
    assert _read() == b"old"
    place.put(_made(tmp_path), overwrite=True)
    assert _read() == b"new"


def test_a_file_is_known_by_its_size():
    """More than the size is not asked of a store."""
    place = _place()
    assert not place.holds(Finished(1, 3, ""))
    with fsspec.open(_URL, "wb") as file:
        file.write(b"new")
    assert place.holds(Finished(1, 3, ""))
    assert not place.holds(Finished(1, 4, ""))


def test_a_failure_on_the_way_leaves_nothing_and_tells_no_secret(tmp_path, monkeypatch):
    """Half a file never appears, and the store's own words, which may quote the URL, are not repeated."""
    place = _place()

    def cut(source, sink, length):
        sink.write(b"half")
        raise ConnectionError("https://user:CANARY@store")

    monkeypatch.setattr("shutil.copyfileobj", cut)
    with pytest.raises(OSError, match=r"could not write the file there \(ConnectionError\)") as caught:
        place.put(_made(tmp_path), overwrite=False)
    assert "CANARY" not in str(caught.value)
    assert not place.exists()


@pytest.mark.parametrize("url", ["nosuchscheme://CANARY/a.csv", "dropbox://CANARY/a.csv", "reference://CANARY/a.csv"])
def test_what_fsspec_cannot_use_is_refused(url):
    """An unknown scheme, a missing package, or a URL that lacks something is a wrong input."""
    with pytest.raises(InputError) as caught:
        _place(url)
    assert list(caught.value.errors) == ["target"]
    assert "CANARY" not in str(caught.value)
