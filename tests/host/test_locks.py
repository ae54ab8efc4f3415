from __future__ import annotations

import threading

import pytest

from vantage_jira_plugin.host.locks import FileLocks, ThreadLocks


def test_names_do_not_exclude_each_other(tmp_path):
    """One thread may hold locks of two names, whatever characters are in them."""
    locks = FileLocks(tmp_path)
    with locks.hold("../a/b", timeout_seconds=0), locks.hold("ä\n", timeout_seconds=0):
        assert len(list(tmp_path.iterdir())) == 2


def test_a_second_thread_times_out(tmp_path):
    """Another thread waits as long as it may and then gets a TimeoutError that says so."""
    locks, errors = FileLocks(tmp_path), []

    def wait():
        try:
            with locks.hold("a", timeout_seconds=0.05):
                errors.append("held twice")
        except TimeoutError as error:
            errors.append(str(error))

    with locks.hold("a", timeout_seconds=0):
        thread = threading.Thread(target=wait)
        thread.start()
        thread.join()
    assert errors == ["'a' was in use for more than 0.05 s"]


def test_holding_twice_in_one_thread_is_an_error_not_a_deadlock(tmp_path):
    """The same thread asking again is told at once, and the lock is free afterwards."""
    locks = FileLocks(tmp_path)
    with (
        locks.hold("a", timeout_seconds=0),
        pytest.raises(RuntimeError, match="already holds"),
        locks.hold("a", timeout_seconds=60),
    ):
        pass
    with locks.hold("a", timeout_seconds=0):
        pass


def test_an_error_inside_lets_go(tmp_path):
    """The lock is free after the block failed, and its file is for the owner only."""
    locks = FileLocks(tmp_path / "locks")
    with pytest.raises(KeyError), locks.hold("a", timeout_seconds=0):
        raise KeyError
    with locks.hold("a", timeout_seconds=0):
        (file,) = (tmp_path / "locks").iterdir()
    assert file.stat().st_mode & 0o777 == 0o600


def test_two_objects_on_one_folder_exclude_each_other(tmp_path):
    """Two hosts in one process are as two processes."""
    here, there = FileLocks(tmp_path), FileLocks(tmp_path)
    with here.hold("a", timeout_seconds=0), pytest.raises(TimeoutError), there.hold("a", timeout_seconds=0.05):
        pass
    with there.hold("a", timeout_seconds=5) as confirm:
        confirm()


def test_what_waiting_for_threads_took_is_off_the_timeout():
    """Who has waited for a thread of its own process waits less for others."""
    times = iter([100.0, 102.5])
    with ThreadLocks(monotonic=lambda: next(times)).hold("a", timeout_seconds=4) as left_seconds:
        assert left_seconds == 1.5


def test_nothing_is_kept_of_a_lock_nobody_uses():
    """A host with ever new credentials does not grow."""
    locks = ThreadLocks()
    with locks.hold("a", timeout_seconds=0), pytest.raises(RuntimeError), locks.hold("a", timeout_seconds=0):
        pass
    assert locks._turns == {}


def test_a_forked_process_waits_for_no_thread_of_its_parent():
    """A lock that another thread held while the process was forked is free in the child."""
    locks = ThreadLocks()
    with locks.hold("a", timeout_seconds=1):
        locks._process = -1  # what a fork makes of it
        with locks.hold("a", timeout_seconds=0.1):
            pass
    with locks.hold("a", timeout_seconds=0.1):
        pass
