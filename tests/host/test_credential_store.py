from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading

import pytest
import sqlalchemy as sa

from tests.host.conftest import REPOSITORY
from vantage_jira_plugin.host.application import Host
from vantage_jira_plugin.host.errors import HostError, StoreError
from vantage_jira_plugin.host.keys import EnvironmentKeys
from vantage_jira_plugin.host.schema import credentials
from vantage_jira_plugin.host.sealing import Sealer, SealingKey

RECORD = {"accessToken": "CANARY-access", "refreshToken": "CANARY-refresh", "cloudId": None, "tokenExpiry": None}

#: Starts like any other host process, then does what follows.
PROCESS = """
import os, sys
from vantage_jira_plugin.host.application import Host
store = Host.open(os.environ).credentials
"""
COUNTING = """
for _ in range(15):
    with store.exclusive("c1", timeout_seconds=30) as transaction:
        transaction.save({**transaction.record, "count": transaction.record["count"] + 1})
"""
HOLDING = """
with store.exclusive("c1", timeout_seconds=30) as transaction:
    transaction.save({**transaction.record, "saved": True})
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def environ(environ, database_url):
    """The same, for either kind of database."""
    return {**environ, "VANTAGE_DATABASE_URL": database_url}


@pytest.fixture
def store(host):
    """The store of an open host, with `c1` registered."""
    return host.credentials


def start(code, environ):
    """Start a process of its own on the same home folder."""
    return subprocess.Popen(
        [sys.executable, "-c", PROCESS + code],
        env={**os.environ, **environ},
        cwd=REPOSITORY,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def save(store, record=RECORD, credential_id="c1"):
    """Save a record the way a plugin does."""
    with store.exclusive(credential_id, timeout_seconds=1) as transaction:
        transaction.save(record)


def test_a_saved_record_is_read_back(store, environ):
    """What one host saved, another one on the same home folder reads."""
    assert store.read("c1") is None
    save(store)
    assert store.read("c1") == RECORD
    other = Host.open(environ)
    assert other.credentials.read("c1") == RECORD
    other.close()


def test_the_record_is_sealed_at_rest(host, store, tmp_path):
    """Neither a row nor a file holds a token."""
    save(store)
    with host.database.begin() as connection:
        rows = repr(connection.execute(sa.select(credentials)).all())
    contents = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert "CANARY" not in rows
    assert b"CANARY" not in contents
    assert "app1" in rows


def test_nothing_shows_a_secret(host, store):
    """Neither rows nor hosts nor transactions hold a token or a sealed text in their repr."""
    save(store)
    credential = store.get("c1")
    with store.exclusive("c1", timeout_seconds=1) as transaction:
        shown = f"{host!r} {store!r} {credential!r} {transaction!r}"
    assert "CANARY" not in shown
    assert credential.sealed not in shown


def test_a_transaction_sees_the_record_as_it_is_under_the_lock(store):
    """The record is read again by whoever gets the lock, and follows its own saves."""
    save(store, {"count": 1})
    with store.exclusive("c1", timeout_seconds=1) as transaction:
        assert transaction.record == {"count": 1}
        transaction.save({"count": 2})
        assert transaction.record == store.read("c1") == {"count": 2}
        transaction.save({"count": 3})
    assert store.read("c1") == {"count": 3}
    assert store.get("c1").version == 3


def test_what_was_saved_stays_when_the_block_fails_afterwards(store):
    """A save is durable at once: a rotated token must survive whatever goes wrong next."""

    def fail_after_saving():
        with store.exclusive("c1", timeout_seconds=1) as transaction:
            transaction.save(RECORD)
            raise KeyError

    with pytest.raises(KeyError):
        fail_after_saving()
    assert store.read("c1") == RECORD


def test_delete_forgets_the_record_and_keeps_the_credential(store):
    """After a disconnect the credential is still known."""
    save(store)
    with store.exclusive("c1", timeout_seconds=1) as transaction:
        transaction.delete()
        assert transaction.record is None
    assert store.read("c1") is None
    assert store.get("c1").client_id == "app1"


def test_a_transaction_is_worthless_after_its_block(store):
    """A write without the lock is refused."""
    with store.exclusive("c1", timeout_seconds=1) as transaction:
        pass
    with pytest.raises(RuntimeError, match="no longer held"):
        transaction.save(RECORD)
    assert store.read("c1") is None


def test_saving_an_unknown_credential_is_refused(store):
    """A credential that was removed does not come back by a late save."""
    with store.exclusive("nobody", timeout_seconds=1) as transaction, pytest.raises(StoreError, match="nobody"):
        transaction.save(RECORD)


def test_a_record_newer_than_the_one_read_is_never_overwritten(host, store):
    """Whoever got past the lock all the same is refused, and what the other one saved stays."""
    save(store, {"count": 1})
    with store.exclusive("c1", timeout_seconds=1) as transaction:
        with host.database.begin() as connection:
            connection.execute(sa.update(credentials).values(version=credentials.c.version + 1))
        for write in (lambda: transaction.save({"count": 2}), transaction.delete):
            with pytest.raises(StoreError, match="changed by somebody else"):
                write()
    assert store.read("c1") == {"count": 1}


def test_removing_waits_for_the_holder_and_forgets_all(store):
    """`remove` takes the whole row."""
    save(store)
    assert store.remove("c1") is True
    assert store.remove("c1") is False
    assert store.get("c1") is None


def test_registering_again_keeps_the_record(store):
    """A new client id or service does not cost the grant."""
    save(store)
    store.register("c1", connector="echo", service_id="s2", client_id="app2")
    assert (store.get("c1").service_id, store.read("c1")) == ("s2", RECORD)


@pytest.mark.parametrize("name", ["credential_id", "connector", "service_id", "client_id"])
def test_an_empty_name_is_refused(store, name):
    """A credential needs an id, a connector, a service and a client id."""
    values = {"credential_id": "c2", "connector": "echo", "service_id": "s", "client_id": "a", name: " "}
    with pytest.raises(HostError, match=name):
        store.register(values.pop("credential_id"), **values)


def test_settings_live_beside_the_record(store):
    """The chosen site is kept for the credential, and an unknown credential has no place for one."""
    store.set_settings("c1", {"siteUrl": "https://acme.atlassian.net"})
    assert store.get("c1").settings == {"siteUrl": "https://acme.atlassian.net"}
    with pytest.raises(StoreError):
        store.set_settings("c2", {})


def test_a_record_copied_to_another_row_is_refused(host, store):
    """A sealed text does not open under another credential."""
    save(store)
    store.register("c2", connector="echo", service_id="s", client_id="a")
    stolen = store.get("c1").sealed
    with host.database.begin() as connection:
        connection.execute(sa.update(credentials).where(credentials.c.credential_id == "c2").values(sealed=stolen))
    with pytest.raises(ValueError, match="another credential"):
        store.read("c2")


def test_threads_never_lose_each_others_updates(store):
    """Every thread's change is there in the end."""
    save(store, {"count": 0})

    def work():
        for _ in range(5):
            with store.exclusive("c1", timeout_seconds=30) as transaction:
                transaction.save({"count": transaction.record["count"] + 1})

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert store.read("c1") == {"count": 30}


def test_threads_on_many_credentials_do_not_wait_for_connections_of_each_other(store):
    """As many credentials are held at once as there are threads, and each thread reads and saves meanwhile."""
    names = [f"many-{number}" for number in range(16)]
    for name in names:
        store.register(name, connector="echo", service_id="s", client_id="a")
    everybody_holds, failures = threading.Barrier(len(names)), []

    def work(name):
        try:
            with store.exclusive(name, timeout_seconds=30) as transaction:
                everybody_holds.wait(30)
                transaction.save({"name": name})
        except (OSError, RuntimeError) as error:
            failures.append(error)

    threads = [threading.Thread(target=work, args=(name,)) for name in names]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert [store.read(name) for name in names] == [{"name": name} for name in names]


def test_processes_never_lose_each_others_updates(store, environ):
    """Every process's change is there in the end."""
    save(store, {"count": 0})
    processes = [start(COUNTING, environ) for _ in range(3)]
    assert [process.communicate(timeout=60) and process.returncode for process in processes] == [0, 0, 0]
    assert store.read("c1") == {"count": 45}


def test_another_processs_hold_times_out(store, environ):
    """Waiting has an end, and reading needs no lock."""
    save(store, {"count": 0})
    process = start(HOLDING, environ)
    assert process.stdout.readline() == "held\n"
    with pytest.raises(TimeoutError), store.exclusive("c1", timeout_seconds=0.05):
        pass
    assert store.read("c1") == {"count": 0, "saved": True}
    process.communicate(timeout=60)
    assert process.returncode == 0
    with store.exclusive("c1", timeout_seconds=5):
        pass


def test_a_killed_holder_lets_go_and_its_save_stays(store, environ):
    """SIGKILL frees the lock at once; what it had saved is there."""
    save(store, {"count": 0})
    process = start(HOLDING, environ)
    assert process.stdout.readline() == "held\n"
    process.send_signal(signal.SIGKILL)
    process.communicate(timeout=60)
    with store.exclusive("c1", timeout_seconds=5) as transaction:
        assert transaction.record == {"count": 0, "saved": True}


def test_rotating_seals_everything_with_the_newest_key(host, store):
    """After a rotation the old key is not needed, and a second rotation finds nothing to do."""
    old, new = SealingKey(b"o" * 32), SealingKey(b"n" * 32)
    written = type(store)(host.database, Sealer(EnvironmentKeys((old,))))
    written.register("c2", connector="echo", service_id="s", client_id="a")
    save(written)
    save(written, {"accessToken": "other"}, "c2")
    rotating = type(store)(host.database, Sealer(EnvironmentKeys((new, old))))
    assert (rotating.rotate(), rotating.rotate()) == (2, 0)
    only_new = type(store)(host.database, Sealer(EnvironmentKeys((new,))))
    assert (only_new.read("c1"), only_new.read("c2")) == (RECORD, {"accessToken": "other"})


def test_a_rotation_that_was_stopped_can_go_on(host, store):
    """Records under both keys are fine in between: each one is readable at any time."""
    old, new = SealingKey(b"o" * 32), SealingKey(b"n" * 32)
    written = type(store)(host.database, Sealer(EnvironmentKeys((old,))))
    written.register("c2", connector="echo", service_id="s", client_id="a")
    save(written, credential_id="c2")
    both = type(store)(host.database, Sealer(EnvironmentKeys((new, old))))
    save(both)
    assert both.read("c1") == both.read("c2") == RECORD
    assert both.rotate() == 1
