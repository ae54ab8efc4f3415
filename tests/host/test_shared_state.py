from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading

import pytest
import sqlalchemy as sa

from tests.host.conftest import REPOSITORY
from vantage_jira_plugin.contract import SharedValue
from vantage_jira_plugin.host.database import Database
from vantage_jira_plugin.host.errors import StoreError
from vantage_jira_plugin.host.home import Home
from vantage_jira_plugin.host.schema import shared_state
from vantage_jira_plugin.host.settings_store import PluginSettingsStore
from vantage_jira_plugin.host.shared_state import GRACE_SECONDS, REPLACES_PER_PRUNE, SqlSharedState

#: A process of the host; what follows uses `state`.
PROCESS = """
import os, signal, sys
from pathlib import Path
from vantage_jira_plugin.host.database import Database
from vantage_jira_plugin.host.home import Home
from vantage_jira_plugin.host.shared_state import SqlSharedState
database = Database.from_environment(os.environ, Home(Path(os.environ["VANTAGE_HOME"])))
state = SqlSharedState(database)
"""
COUNTING = """
for _ in range(60):
    while True:
        found = state.read(["n"])["n"]
        if state.replace("n", {"n": found.value["n"] + 1}, version=found.version, keep_seconds=600.0):
            break
"""
KILLED = """
for number in range(50):
    assert state.replace(f"k{number}", {"n": number}, version=0, keep_seconds=600.0)
os.kill(os.getpid(), signal.SIGKILL)
"""
#: The child writes after the parent, which had connections open, has closed the last of them.
FORKING = """
assert state.replace("a", {"by": "parent"}, version=0, keep_seconds=600.0)
readable, writable = os.pipe()
child = os.fork()
if not child:
    os.close(writable)
    assert state.read(["a"])["a"].value == {"by": "parent"}
    os.read(readable, 1)
    assert state.replace("b", {"by": "child"}, version=0, keep_seconds=600.0)
    os._exit(0)
assert state.read(["a"])["a"].value == {"by": "parent"}
database.close()
os.close(writable)
assert os.waitpid(child, 0)[1] == 0
"""


class Clock:
    """Time as the test wants it."""

    now = 1_000_000.0

    def __call__(self):
        return self.now


@pytest.fixture
def database(database_url, tmp_path):
    """An open database of either kind."""
    opened = Database.from_environment({"VANTAGE_DATABASE_URL": database_url}, Home(tmp_path))
    yield opened
    opened.close()


@pytest.fixture
def clock():
    """A clock that stands still."""
    return Clock()


@pytest.fixture
def state(database, clock):
    """Shared state that never tidies up by itself."""
    return SqlSharedState(database, clock=clock, chance=lambda: 1.0)


def put(state, name, value, version=0, keep_seconds=60.0):
    """Replace a value."""
    return state.replace(name, value, version=version, keep_seconds=keep_seconds)


def rows(database):
    """Return the names of all rows."""
    with database.begin() as connection:
        return set(connection.scalars(sa.select(shared_state.c.name)))


def run(code, database_url, tmp_path):
    """Start a process on the same database."""
    environ = {**os.environ, "VANTAGE_HOME": str(tmp_path), "VANTAGE_DATABASE_URL": database_url}
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    return subprocess.Popen([sys.executable, "-c", PROCESS + code], env=environ, cwd=REPOSITORY, **pipes)


def test_a_value_is_read_back(state):
    """Values are JSON as it was given; names without one are left out, and none at all is fine."""
    value = {"closedUntil": 1234567890.123456, "list": [1, None, "ü\u0000"], "deep": {"a": True}}
    assert put(state, "a", value)
    assert put(state, "b", {})
    found = state.read(["a", "b", "c"])
    assert {name: one.value for name, one in found.items()} == {"a": value, "b": {}}
    assert isinstance(found["a"], SharedValue)
    assert state.read([]) == {}


def test_only_the_version_that_was_read_is_replaced(state):
    """Whoever read an older version, or none, stores nothing; the next version is larger."""
    assert put(state, "a", {"n": 1})
    first = state.read(["a"])["a"].version
    assert put(state, "a", {"n": 2}, first)
    second = state.read(["a"])["a"].version
    assert not put(state, "a", {"n": 3}, first)
    assert not put(state, "a", {"n": 4})
    assert not put(state, "other", {"n": 5}, first)
    assert second > first > 0
    assert state.read(["a", "other"]) == {"a": SharedValue({"n": 2}, second)}


def test_a_value_past_its_time_is_none_and_its_versions_go_on(state, clock):
    """It can be put anew, once; whoever still holds the old version has lost."""
    put(state, "a", {"n": 1}, keep_seconds=60.0)
    old = state.read(["a"])["a"].version
    clock.now += 60
    assert state.read(["a"]) == {}
    assert put(state, "a", {"n": 2})
    assert not put(state, "a", {"n": 3})
    assert not put(state, "a", {"n": 4}, old)
    assert state.read(["a"])["a"] == SharedValue({"n": 2}, old + 1)


def test_a_value_past_its_time_that_nobody_changed_can_be_replaced_by_version(state, clock):
    """Time alone makes nobody lose; whoever saw none comes too late then."""
    put(state, "a", {"n": 1}, keep_seconds=60.0)
    old = state.read(["a"])["a"].version
    clock.now += 60
    assert put(state, "a", {"n": 2}, old)
    assert not put(state, "a", {"n": 3})
    assert state.read(["a"])["a"].value == {"n": 2}


def test_a_forgotten_value_is_none_and_its_versions_go_on(state, clock):
    """Whoever read it before cannot bring it back, not even where clocks differ."""
    put(state, "a", {"n": 1})
    old = state.read(["a"])["a"].version
    assert not put(state, "a", None, old + 1)
    assert not put(state, "a", None)
    assert put(state, "a", None, old)
    clock.now -= 5
    assert state.read(["a"]) == {}
    assert not put(state, "a", {"n": 2}, old)
    assert put(state, "a", None)
    assert put(state, "a", {"n": 3})
    assert state.read(["a"])["a"].version > old + 1


def test_rows_long_past_their_time_go_now_and_then(database, clock):
    """One replacement in many removes them, and the name's next version is still larger than any before."""
    chance = iter([1.0, 1.0, 1.0, 1.0, 1 / REPLACES_PER_PRUNE, 0.0])
    state = SqlSharedState(database, clock=clock, chance=lambda: next(chance))
    put(state, "old", {"n": 1}, keep_seconds=10.0)
    put(state, "old", {"n": 2}, state.read(["old"])["old"].version, keep_seconds=10.0)
    last = state.read(["old"])["old"].version
    put(state, "forgotten", {"n": 1}, keep_seconds=99_999.0)
    put(state, "forgotten", None, state.read(["forgotten"])["forgotten"].version)
    clock.now += GRACE_SECONDS + 11
    put(state, "kept", {"n": 1})
    assert rows(database) == {"old", "forgotten", "kept"}
    put(state, "kept", {"n": 2}, state.read(["kept"])["kept"].version)
    assert rows(database) == {"kept"}
    put(SqlSharedState(database, clock=clock), "old", {"n": 3})
    assert state.read(["old"])["old"].version > last


@pytest.mark.parametrize(
    ("keep_seconds", "engine"), [(86_399.0, "statement"), (86_400.0, "begin")], ids=["for a while", "for a day"]
)
def test_what_is_kept_for_a_day_waits_for_the_disk(database, state, monkeypatch, keep_seconds, engine):
    """What shall be known tomorrow is not taken back by a power cut; what ends soon is stored faster."""
    used = []
    for name in ("begin", "statement"):
        works = getattr(database, name)
        monkeypatch.setattr(database, name, lambda name=name, works=works: used.append(name) or works())
    assert put(state, "a", {"n": 1}, keep_seconds=keep_seconds)
    assert not put(state, "a", {"n": 0}, keep_seconds=keep_seconds)
    version = state.read(["a"])["a"].version
    used.clear()
    assert put(state, "a", {"n": 2}, version, keep_seconds=keep_seconds)
    assert put(state, "a", None, version + 1, keep_seconds=keep_seconds)
    assert used == [engine, engine]
    assert state.read(["a"]) == {}


def test_a_failure_to_tidy_up_is_not_one_of_the_replacement(database, clock, monkeypatch):
    """The value is stored, and that is what the answer is about."""
    state = SqlSharedState(database, clock=clock, chance=lambda: 0.0)

    def fail(_now):
        raise StoreError("the disk is full")

    monkeypatch.setattr(state, "_prune", fail)
    assert put(state, "a", {"n": 1})
    assert state.read(["a"])["a"].value == {"n": 1}


def test_a_database_that_fails_gives_a_store_error(state, database):
    """A plugin gets an OSError, which it need not know the host for."""
    with database.begin() as connection:
        shared_state.drop(connection)
    with pytest.raises(StoreError):
        state.read(["a"])
    with pytest.raises(StoreError):
        put(state, "a", {})


def test_threads_lose_no_update(state):
    """Every thread's change is there in the end, however many there are."""
    put(state, "n", {"n": 0})
    failures = []

    def work():
        try:
            for _ in range(20):
                while True:
                    found = state.read(["n"])["n"]
                    if put(state, "n", {"n": found.value["n"] + 1}, found.version):
                        break
        except OSError as error:
            failures.append(error)

    threads = [threading.Thread(target=work) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert state.read(["n"])["n"].value == {"n": 320}


def test_of_threads_that_put_the_first_value_one_wins(state):
    """However many see none at the same moment, one reserves the name; also where an old value is past its time."""
    put(state, "old", {"n": -1}, keep_seconds=0.0)
    barrier, won = threading.Barrier(12), []

    def work(number):
        for name in ("new", "old"):
            barrier.wait(30)
            if put(state, name, {"n": number}):
                won.append((name, number))

    threads = [threading.Thread(target=work, args=(number,)) for number in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(name for name, _ in won) == ["new", "old"]
    assert {name: one.value["n"] for name, one in state.read(["new", "old"]).items()} == dict(won)


def test_processes_lose_no_update(database, database_url, tmp_path):
    """Every process's change is there in the end, while the host's other tables are written to as well."""
    state = SqlSharedState(database)
    put(state, "n", {"n": 0}, keep_seconds=600.0)
    processes = [run(COUNTING, database_url, tmp_path) for _ in range(4)]
    settings = PluginSettingsStore(database)
    for number in range(20):
        settings.set_settings("echo", {"n": number})
    assert [(process.communicate(timeout=60)[1], process.returncode) for process in processes] == [("", 0)] * 4
    assert (state.read(["n"])["n"].value, settings.settings("echo")) == ({"n": 240}, {"n": 19})


def test_what_was_confirmed_survives_the_end_of_its_process(database, database_url, tmp_path):
    """SIGKILL right after the answer takes nothing back."""
    process = run(KILLED, database_url, tmp_path)
    assert (process.communicate(timeout=60)[1], process.returncode) == ("", -signal.SIGKILL)
    found = SqlSharedState(database).read([f"k{number}" for number in range(50)])
    assert {name: one.value["n"] for name, one in found.items()} == {f"k{number}": number for number in range(50)}


def test_a_forked_process_shares_no_connection(database_url, tmp_path):
    """What a child writes after its parent has closed the database is kept."""
    process = run(FORKING, database_url, tmp_path)
    assert (process.communicate(timeout=60)[1], process.returncode) == ("", 0)
    opened = Database.from_environment({"VANTAGE_DATABASE_URL": database_url}, Home(tmp_path))
    found = SqlSharedState(opened).read(["a", "b"])
    opened.close()
    assert {name: one.value["by"] for name, one in found.items()} == {"a": "parent", "b": "child"}
