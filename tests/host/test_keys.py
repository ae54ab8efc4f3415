from __future__ import annotations

import base64
import threading

import pytest

from vantage_jira_plugin.host.errors import HostError
from vantage_jira_plugin.host.keys import KeyFile, key_source
from vantage_jira_plugin.host.sealing import SealingKey

KEYS = [base64.b64encode(bytes([number]) * 32).decode() for number in (1, 2)]


def test_the_environment_names_keys_newest_first(tmp_path):
    """Keys of VANTAGE_RECORD_KEYS keep their order, and no file is made."""
    keys = key_source({"VANTAGE_RECORD_KEYS": " , ".join(KEYS)}, tmp_path / "record.keys").newest_first()
    assert [key.secret[0] for key in keys] == [1, 2]
    assert not (tmp_path / "record.keys").exists()


@pytest.mark.parametrize("text", ["nonsense-CANARY", f"{KEYS[0]},CANARY", ","])
def test_unreadable_keys_of_the_environment_are_refused(tmp_path, text):
    """A key that cannot be read stops the host, and is not repeated."""
    with pytest.raises(HostError, match="VANTAGE_RECORD_KEYS") as caught:
        key_source({"VANTAGE_RECORD_KEYS": text}, tmp_path / "record.keys")
    assert "CANARY" not in str(caught.value)


def test_the_key_file_is_made_once_for_its_owner_only(tmp_path):
    """First use makes a file of mode 0600 with one key; later uses read it."""
    file = KeyFile(tmp_path / "record.keys")
    first = file.newest_first()
    assert len(first) == 1
    assert file.path.stat().st_mode & 0o777 == 0o600
    assert KeyFile(file.path).newest_first() == first
    assert [path.name for path in tmp_path.iterdir()] == ["record.keys"]


def test_threads_that_make_the_key_file_at_once_agree(tmp_path):
    """Whoever is first wins; the others use that key."""
    barrier, found = threading.Barrier(8), []

    def use():
        barrier.wait()
        found.append(KeyFile(tmp_path / "record.keys").newest_first())

    threads = [threading.Thread(target=use) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 8
    assert len(set(found)) == 1


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620])
def test_a_key_file_that_others_can_reach_is_refused(tmp_path, mode):
    """Group and world bits make the host stop, with the command that repairs it."""
    file = KeyFile(tmp_path / "record.keys")
    file.newest_first()
    file.path.chmod(mode)
    with pytest.raises(HostError, match=f"{mode:04o}") as caught:
        file.newest_first()
    assert caught.value.hint == f"chmod 600 {file.path}"


def test_a_new_key_goes_in_front_and_old_ones_can_be_forgotten(tmp_path):
    """Adding keeps the older keys; keeping the newest drops them; the mode stays."""
    file = KeyFile(tmp_path / "record.keys")
    (old,) = file.newest_first()
    new = SealingKey.generate()
    file.add(new)
    assert file.newest_first() == (new, old)
    file.keep_newest()
    assert file.newest_first() == (new,)
    assert file.path.stat().st_mode & 0o777 == 0o600


def test_an_empty_key_file_is_refused(tmp_path):
    """A file without a key is not filled in silently: records may wait for its keys."""
    path = tmp_path / "record.keys"
    path.touch(mode=0o600)
    with pytest.raises(HostError, match="no key"):
        KeyFile(path).newest_first()


def test_a_lost_key_file_is_not_replaced(tmp_path):
    """While records need a key, its file is missed, not made anew."""
    path = tmp_path / "record.keys"
    with pytest.raises(HostError, match=r"sealed with key aa11, bb22") as caught:
        KeyFile(path, lambda: {"bb22", "aa11"}).newest_first()
    assert "VANTAGE_RECORD_KEYS" in (caught.value.hint or "")
    assert not path.exists()


def test_a_key_file_that_another_process_has_just_made_is_not_lost(tmp_path):
    """Its first record may be there before this process looks."""
    path = tmp_path / "record.keys"

    def ids_in_use():
        KeyFile(path).newest_first()
        return {"aa11"}

    assert KeyFile(path, ids_in_use).newest_first() == KeyFile(path).newest_first()


def test_a_key_that_a_record_needs_is_not_forgotten(tmp_path):
    """Forgetting older keys spares those whose records were not sealed again yet."""
    path = tmp_path / "record.keys"
    (old,) = KeyFile(path).newest_first()
    new, unused = SealingKey.generate(), SealingKey.generate()
    file = KeyFile(path, lambda: {old.id})
    file.add(unused)
    file.add(new)
    file.keep_newest()
    assert file.newest_first() == (new, old)
