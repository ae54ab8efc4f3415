from __future__ import annotations

import threading
from collections import Counter

import psycopg
import pytest
import sqlalchemy as sa

from vantage_jira_plugin.host import rowlocks
from vantage_jira_plugin.host.credential_store import SqlCredentialStore
from vantage_jira_plugin.host.database import Database
from vantage_jira_plugin.host.errors import StoreError
from vantage_jira_plugin.host.home import Home
from vantage_jira_plugin.host.keys import EnvironmentKeys
from vantage_jira_plugin.host.postgresql import PostgresqlServer
from vantage_jira_plugin.host.sealing import Sealer, SealingKey

#: Which server processes hold a lock that this host takes.
HOLDERS = """
SELECT pid, query FROM pg_stat_activity
WHERE datname = current_database() AND state = 'idle in transaction' AND application_name = 'vantage'
"""
SEALER = Sealer(EnvironmentKeys((SealingKey(b"k" * 32),)))


@pytest.fixture
def url(postgres):
    """An empty database."""
    return postgres.new_database()


@pytest.fixture
def open_locks(url):
    """Return a function that opens the database as another machine would, and returns its locks."""
    opened = []

    def another(**query):
        opened.append(PostgresqlServer(sa.make_url(url).update_query_dict(query)))
        return opened[-1].locks

    yield another
    for server in opened:
        server.engine.dispose()


def cut(url):
    """End the connections that hold a lock, as a network or a server that fails would."""
    with psycopg.connect(url, autocommit=True) as connection:
        for pid, _ in connection.execute(HOLDERS).fetchall():
            connection.execute("SELECT pg_terminate_backend(%s, 5000)", (pid,))


def test_another_machine_waits_and_times_out(open_locks):
    """One holder at a time; who waits too long is told for how long, and gets it afterwards."""
    here, there = open_locks(), open_locks()
    with (
        here.hold("a", timeout_seconds=5),
        pytest.raises(TimeoutError, match=r"'a' was in use for more than 0\.05 s"),
        there.hold("a", timeout_seconds=0.05),
    ):
        pass
    with there.hold("a", timeout_seconds=5):
        pass


def test_no_time_at_all_is_no_waiting(open_locks):
    """A time-out of zero takes what is free and waits for nothing."""
    here, there = open_locks(), open_locks()
    with here.hold("a", timeout_seconds=5):
        pass
    with here.hold("a", timeout_seconds=0), pytest.raises(TimeoutError), there.hold("a", timeout_seconds=0):
        pass


def test_names_do_not_exclude_each_other(open_locks):
    """One thread may hold locks of two names, whatever characters are in them."""
    locks = open_locks()
    with locks.hold("'; --", timeout_seconds=1), locks.hold("ä\n", timeout_seconds=1) as confirm:
        confirm()


def test_the_first_use_excludes_as_every_other(open_locks):
    """Whoever comes first on a new name is alone with it, however many come at once."""
    machines = [open_locks() for _ in range(4)]
    barrier = threading.Barrier(len(machines))
    inside, crowds = Counter(), []

    def work(locks):
        barrier.wait()
        for name in ("a", "b", "c"):
            with locks.hold(name, timeout_seconds=30):
                inside[name] += 1
                crowds.append(inside[name])
                inside[name] -= 1

    threads = [threading.Thread(target=work, args=(locks,)) for locks in machines]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert crowds == [1] * 12


def test_threads_of_one_process_wait_without_a_connection_each(open_locks, url):
    """However many threads wait for one name, one connection is open for it."""
    locks = open_locks()

    def hold_once():
        with locks.hold("a", timeout_seconds=30):
            pass

    threads = [threading.Thread(target=hold_once) for _ in range(20)]
    with locks.hold("a", timeout_seconds=5), psycopg.connect(url) as connection:
        for thread in threads:
            thread.start()
        while locks._threads._turns["a"].users <= len(threads):
            threads[0].join(0.01)
        count = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'vantage'"
        kept_for_rows = 1
        assert connection.execute(f"{count} AND datname = current_database()").fetchone() == (1 + kept_for_rows,)
    for thread in threads:
        thread.join()


def test_a_broken_connection_lets_go_and_the_holder_learns_of_it(open_locks, url):
    """After the connection broke the next one gets the lock, and the former holder's check fails."""
    here, there = open_locks(), open_locks()
    with here.hold("a", timeout_seconds=5) as confirm:
        confirm()
        cut(url)
        with there.hold("a", timeout_seconds=5):
            pass
        with pytest.raises(StoreError, match="no longer held"):
            confirm()


def test_a_holder_that_hangs_loses_the_lock(open_locks, monkeypatch):
    """The server ends a locking transaction that says nothing for too long; the holder then learns of it."""
    monkeypatch.setitem(rowlocks.TRANSACTION_SETTINGS, "idle_in_transaction_session_timeout", "50")
    here, there = open_locks(), open_locks()
    with here.hold("a", timeout_seconds=5) as confirm:
        with there.hold("a", timeout_seconds=30):
            pass
        with pytest.raises(StoreError, match="no longer held"):
            confirm()


def test_an_administrators_statement_timeout_is_a_timeout_too(open_locks):
    """Whichever limit ends the waiting, it is the same error."""
    here, there = open_locks(), open_locks(options="-c statement_timeout=50")
    with here.hold("a", timeout_seconds=5), pytest.raises(TimeoutError), there.hold("a", timeout_seconds=60):
        pass


def test_a_save_after_the_lock_was_lost_fails_and_stores_nothing(url, tmp_path):
    """What the next holder may have read must not change under it."""
    database = Database.from_environment({"VANTAGE_DATABASE_URL": url}, Home(tmp_path))
    store = SqlCredentialStore(database, SEALER)
    store.register("c1", connector="echo", service_id="s", client_id="a")
    with store.exclusive("c1", timeout_seconds=5) as transaction:
        transaction.save({"count": 1})
        cut(url)
        with pytest.raises(StoreError, match="no longer held"):
            transaction.save({"count": 2})
    assert store.read("c1") == {"count": 1}
    database.close()


def test_a_lost_connection_to_save_over_loses_no_lock(url, tmp_path):
    """Saves go through connections of their own; one that broke is replaced for the next save."""
    database = Database.from_environment({"VANTAGE_DATABASE_URL": url}, Home(tmp_path))
    store = SqlCredentialStore(database, SEALER)
    store.register("c1", connector="echo", service_id="s", client_id="a")
    with store.exclusive("c1", timeout_seconds=5) as transaction:
        with psycopg.connect(url, autocommit=True) as connection:
            idle = "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE state = 'idle'"
            assert connection.execute(f"{idle} AND datname = current_database()").fetchall()
        transaction.save({"count": 1})
    assert store.read("c1") == {"count": 1}
    database.close()
