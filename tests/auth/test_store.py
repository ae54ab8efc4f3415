from __future__ import annotations

import threading

import pytest

from tests.memoryhost import MemoryCredentials
from vantage_jira_plugin.auth.record import CredentialRecord
from vantage_jira_plugin.auth.store import RecordStore
from vantage_jira_plugin.errors import CredentialStoreError, NetworkError

_ID = "credential_123456"
_STORED = {"accessToken": "a-token", "refreshToken": "r-token", "cloudId": "c-1", "tokenExpiry": None, "more": [1]}


class _DatabaseError(Exception):
    """What a host's database driver raises."""


class _Faulty:
    """A store one step of which fails; it notes what was done with its lock."""

    def __init__(self, step=None, error=None, record=None):
        self.step = step
        self.error = error
        self.stored = record
        self.log = []

    def _do(self, step):
        if step == self.step:
            raise self.error
        self.log.append(step)

    def read(self, credential_id):
        self._do("read")
        return self.stored

    def exclusive(self, credential_id, *, timeout_seconds):
        self._do("exclusive")
        return self

    def __enter__(self):
        self._do("enter")
        return self

    def __exit__(self, kind, error, trace):
        self.log.append(kind)
        self._do("exit")

    @property
    def record(self):
        self._do("record")
        return self.stored

    def save(self, record):
        self._do("save")
        self.stored = record

    def delete(self):
        self._do("delete")
        self.stored = None


def _use(store):
    """Do every step once."""
    records = RecordStore(store, _ID)
    records.read()
    with records.exclusive(timeout_seconds=1) as held:
        held.save(CredentialRecord(access_token="b-token"))
        held.delete()


def test_a_record_is_read():
    """Without a lock, as a value; nothing stored is None."""
    store = MemoryCredentials()
    assert RecordStore(store, _ID).read() is None
    store.records[_ID] = dict(_STORED)
    assert RecordStore(store, _ID).read() == CredentialRecord.from_json(_STORED)


def test_a_held_record_is_saved_and_deleted():
    """What was saved is stored when the call returns, unknown names with it, and can be saved again."""
    store = MemoryCredentials()
    store.records[_ID] = dict(_STORED)
    with RecordStore(store, _ID).exclusive(timeout_seconds=1) as held:
        assert held.record == CredentialRecord.from_json(_STORED)
        held.save(held.record.with_token({"access_token": "b-token"}, now=0))
        assert store.records[_ID]["accessToken"] == "b-token"
        assert store.records[_ID]["more"] == [1]
        assert held.record.access_token == "b-token"
        held.save(CredentialRecord())
        assert store.records[_ID]["accessToken"] is None
        held.delete()
        assert held.record is None
    assert store.records == {}


class _Small(_Faulty):
    """A store that takes no record with more than so many members in its notes."""

    def save(self, record):
        self.log.append(len(record.get("writes", {}).get("values", {})))
        if self.log[-1] > 1:
            raise _DatabaseError
        self.stored = record


def test_a_login_is_saved_without_notes_where_it_cannot_be_with_them():
    """It is tried with them, without, and once more with them, since a store may fail for a moment only."""
    values = {name: [1, 2_000_000_000, {"state": "unknown"}] for name in "ab"}
    record = CredentialRecord(access_token="t", notes={"writes": {"version": 7, "values": values}, "more": [1]})
    store = _Small()
    with RecordStore(store, _ID, clock=lambda: 5.0).exclusive(timeout_seconds=1) as held:
        held.save(record)
        assert [entry for entry in store.log if isinstance(entry, int)] == [2, 0, 2]
        assert (store.stored["accessToken"], store.stored["more"]) == ("t", [1])
        assert store.stored["writes"] == {"version": 7, "forgotAt": 5}
        assert held.record.notes == {"writes": {"version": 7, "forgotAt": 5}, "more": [1]}
        with pytest.raises(CredentialStoreError):
            held.save_whole(record)
        held.save(CredentialRecord(access_token="u", notes={"writes": {"values": {"a": values["a"]}}}))
        assert len(store.stored["writes"]["values"]) == 1


def test_a_held_record_is_read_under_the_lock():
    """Nothing stored is None there too."""
    with RecordStore(MemoryCredentials(), _ID).exclusive(timeout_seconds=1) as held:
        assert held.record is None


@pytest.mark.parametrize(
    ("step", "said"),
    [
        ("read", "read"),
        ("exclusive", "locked"),
        ("enter", "locked"),
        ("record", "read"),
        ("save", "written"),
        ("delete", "deleted"),
        ("exit", "released"),
    ],
)
@pytest.mark.parametrize("error", [_DatabaseError("password=hunter2"), OSError("disk"), RuntimeError(), KeyError("x")])
def test_a_failure_of_the_store_is_said_by_its_step(step, said, error):
    """The host's exception becomes one that callers expect; its text, which may hold anything, stays behind."""
    with pytest.raises(CredentialStoreError, match=f"could not be {said}") as caught:
        _use(_Faulty(step, error))
    assert caught.value.__cause__ is error
    assert type(error).__name__ in caught.value.message
    assert "hunter2" not in caught.value.message
    assert caught.value.retryable
    assert caught.value.hint


@pytest.mark.parametrize("step", ["exclusive", "enter"])
def test_a_lock_that_is_not_had_in_time_is_said_so(step):
    """Another worker holds the record; that is worth another try."""
    with pytest.raises(CredentialStoreError, match="could not be locked in time") as caught:
        _use(_Faulty(step, TimeoutError()))
    assert caught.value.retryable
    assert caught.value.code == "credential_store"


@pytest.mark.parametrize("step", ["record", "save", "delete"])
def test_the_lock_is_released_when_a_step_fails(step):
    """A failing step does not leave the record locked, and the lock learns of the failure."""
    store = _Faulty(step, _DatabaseError())
    with pytest.raises(CredentialStoreError):
        _use(store)
    assert store.log[-2:] == [CredentialStoreError, "exit"]


@pytest.mark.parametrize(
    "error", [NetworkError("no answer"), TimeoutError("body"), KeyError("body"), KeyboardInterrupt()]
)
def test_what_the_body_raises_passes_through(error):
    """Failures of the work done under the lock are not the store's, whatever they are."""
    store = _Faulty()
    with pytest.raises(type(error)) as caught, RecordStore(store, _ID).exclusive(timeout_seconds=1):
        raise error
    assert caught.value is error
    assert store.log[-2:] == [type(error), "exit"]


def test_what_the_body_raises_passes_through_a_generators_lock():
    """A lock written with `contextmanager` is left in the same way and can be taken again."""
    store = MemoryCredentials()
    records = RecordStore(store, _ID)
    error = NetworkError("no answer")
    with pytest.raises(NetworkError) as caught, records.exclusive(timeout_seconds=1):
        raise error
    assert caught.value is error
    with records.exclusive(timeout_seconds=0.01):
        pass


@pytest.mark.parametrize("fault", [_DatabaseError("lost"), TimeoutError()])
def test_a_failing_release_after_a_failure_is_the_stores(fault):
    """The host's exception does not get out raw; what failed before it is still to be seen."""
    body = NetworkError("no answer")
    with (
        pytest.raises(CredentialStoreError, match="could not be released") as caught,
        RecordStore(_Faulty("exit", fault), _ID).exclusive(timeout_seconds=1),
    ):
        raise body
    assert caught.value.__cause__ is fault
    assert fault.__context__ is body


def test_a_lock_that_swallows_is_not_believed():
    """A context manager that returns true does not turn a failure into a success."""
    store = _Faulty()
    store.__class__ = type("Swallowing", (_Faulty,), {"__exit__": lambda *_: True})
    with pytest.raises(NetworkError), RecordStore(store, _ID).exclusive(timeout_seconds=1):
        raise NetworkError("no answer")


def test_a_record_that_is_none_is_a_failure_of_the_store():
    """A stored expiry that is no time is told, not guessed at; the lock is released."""
    store = _Faulty(record={**_STORED, "tokenExpiry": "soon"})
    records = RecordStore(store, _ID)
    with pytest.raises(CredentialStoreError, match="could not be read"):
        records.read()
    with pytest.raises(CredentialStoreError, match="could not be read"), records.exclusive(timeout_seconds=1):
        pytest.fail("a record that cannot be read must not be held")
    assert store.log[-1] == "exit"


def test_two_threads_do_not_hold_a_record_at_once():
    """The second waits its time, then says that another worker holds it."""
    store = MemoryCredentials()
    records = RecordStore(store, _ID)
    outcome = []

    def second():
        try:
            with records.exclusive(timeout_seconds=0.01):
                outcome.append("held")
        except CredentialStoreError as error:
            outcome.append(error.message)

    with records.exclusive(timeout_seconds=1):
        thread = threading.Thread(target=second)
        thread.start()
        thread.join(timeout=10)
    assert len(outcome) == 1
    assert "another worker holds it" in outcome[0]
