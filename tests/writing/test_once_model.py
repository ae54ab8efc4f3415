"""`Once` against a small model of Jira: workers killed, answers lost and stores failing in any order make one thing."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.sharedstate import MemoryShared
from vantage_jira_plugin.errors import CredentialStoreError, PluginError, RateLimitedError, UnknownOutcomeError
from vantage_jira_plugin.transport.budget import READ_TIMEOUT_SECONDS, Budget
from vantage_jira_plugin.writing.entry import SEND_SECONDS
from vantage_jira_plugin.writing.ledger import Ledger
from vantage_jira_plugin.writing.once import Once

_FATES = [
    "well",
    "killed before it reserves",
    "killed when it has reserved",
    "killed when it has sent",
    "killed when it has noted",
    "lost on the way there",
    "lost on the way back",
    "done late",
    "refused",
    "store fails after reserving",
]


class _Killed(BaseException):
    """The end of a worker, which nothing catches."""


@dataclass
class _World:
    """Jira as one project: what was made, and what comes late; and the time, which waiting passes."""

    now: float = 1_800_000_000.0
    made: list[str] = field(default_factory=list)
    late: list[float] = field(default_factory=list)
    shared: MemoryShared = field(default_factory=MemoryShared)

    def pass_time(self, seconds: float) -> None:
        self.now += seconds
        for due in [moment for moment in self.late if moment <= self.now]:
            self.late.remove(due)
            self.make()

    def make(self) -> dict[str, str]:
        self.made.append(str(len(self.made) + 1))
        return {"id": self.made[-1]}


@dataclass
class _Finder:
    world: _World
    key: str = "k"
    here: str = "here"
    place: str = "here"
    mark: str = "its key"

    def is_here(self, place):
        raise AssertionError

    where = described = cost_of_after = is_here

    def only_allowed(self, made_key):
        pass

    def after(self):
        return None

    def find(self, entry, *, now):
        return {"id": self.world.made[0]} if self.world.made else None

    def recall(self, made_id):
        raise AssertionError

    def named(self, made):
        return None


class _Store:
    """The shared state of one worker, which may end with it."""

    def __init__(self, world: _World, fate: str) -> None:
        self._shared = world.shared
        self._fate = fate
        self._changes = 0

    def read(self, names):
        return self._shared.read(names)

    def replace(self, name, value, *, version, keep_seconds):
        if self._fate == "killed before it reserves":
            raise _Killed
        if self._fate == "store fails after reserving" and self._changes:
            raise CredentialStoreError("disk full")
        changed = self._shared.replace(name, value, version=version, keep_seconds=keep_seconds)
        self._changes += changed
        if changed and (self._fate, self._changes) in {
            ("killed when it has reserved", 1),
            ("killed when it has noted", 2),
        }:
            raise _Killed
        return changed


def _call(world: _World, fate: str, seconds: float = 1000.0, skew: float = 0.0):
    """Let one worker meet its fate, whose clock is wrong by so many seconds."""

    def send():
        match fate:
            case "killed when it has sent":
                world.make()
                raise _Killed
            case "lost on the way there":
                raise UnknownOutcomeError("lost")
            case "lost on the way back":
                world.make()
                raise UnknownOutcomeError("lost")
            case "done late":
                world.late.append(world.now + READ_TIMEOUT_SECONDS)
                raise UnknownOutcomeError("lost")
            case "refused":
                raise RateLimitedError("no", status=429, method="POST", path="/")
        return world.make()

    return _once(world, Ledger(_Store(world, fate)), seconds=seconds, skew=skew).run(send)


def _once(
    world: _World, ledger: Ledger, *, seconds: float = 5000.0, skew: float = 0.0, warnings: list[str] | None = None
) -> Once:
    return Once(
        ledger,
        "name",
        "digest",
        _Finder(world),
        budget=Budget(seconds, clock=lambda: world.now),
        warnings=[] if warnings is None else warnings,
        clock=lambda: world.now + skew,
        sleep=world.pass_time,
    )


@settings(max_examples=400)
@given(
    st.lists(
        st.tuples(st.sampled_from(_FATES), st.floats(0, 400), st.sampled_from([1.0, 60.0, 1000.0]), st.floats(-14, 14)),
        max_size=6,
    )
)
def test_whatever_happens_one_is_made(history):
    """After any history the next call that goes well answers the one thing that there is, and so do all later ones."""
    world = _World()
    for fate, pause_seconds, patience_seconds, skew_seconds in history:
        with suppress(_Killed, PluginError):
            _call(world, fate, patience_seconds, skew_seconds)
        assert len(world.made) <= 1
        world.pass_time(pause_seconds)
    assert _call(world, "well") == {"id": "1"}
    assert _call(world, "well") == {"id": "1"}
    world.pass_time(1000)
    assert world.made == ["1"]


@pytest.mark.parametrize("fate", _FATES)
def test_every_fate_is_met(fate):
    """The model does what it says: only one fate lets the first call answer without a doubt or an end."""
    world = _World()
    try:
        answer = _call(world, fate)
    except (_Killed, PluginError) as error:
        answer = type(error)
    expected = {
        "well": {"id": "1"},
        "lost on the way there": UnknownOutcomeError,
        "lost on the way back": {"id": "1"},
        "done late": UnknownOutcomeError,
        "refused": RateLimitedError,
        "store fails after reserving": {"id": "1"},
    }
    assert answer == expected.get(fate, _Killed)


def test_a_reservation_that_took_too_long_sends_nothing():
    """A store that is slow eats up the lease: whoever comes next would send before this one had."""
    world = _World()

    class Slow(MemoryShared):
        def replace(self, *args, **kwargs):
            changed = super().replace(*args, **kwargs)
            world.pass_time(SEND_SECONDS)
            return changed

    world.shared = Slow()
    with pytest.raises(CredentialStoreError, match="took too long"):
        _call(world, "well")
    assert (world.made, Ledger(world.shared).read("name").entry) == ([], None)


def test_sending_ends_with_the_time_that_the_lease_leaves_for_it():
    """What storing the reservation took is taken from the time that waits for limits may take."""
    world = _World()

    class Slow(MemoryShared):
        def replace(self, *args, **kwargs):
            world.pass_time(40)
            return super().replace(*args, **kwargs)

    world.shared = Slow()
    once = _once(world, Ledger(world.shared))
    left = []

    def send():
        left.append(once._budget.remaining_seconds)
        return world.make()

    assert once.run(send) == {"id": "1"}
    assert left == [SEND_SECONDS - 40]


def test_two_that_were_made_are_told():
    """Should two be made all the same, because a worker slept through its lease, nobody keeps quiet about it."""
    world = _World()
    ledger, warnings = Ledger(world.shared), []

    def send():
        world.pass_time(1000)
        assert _call(world, "well") == {"id": "1"}
        return world.make()

    assert _once(world, ledger, warnings=warnings).run(send) == {"id": "2"}
    assert warnings == ["this was made twice under one idempotency key: 2 and 1"]
    assert ledger.read("name").entry.made_id == "1"


def test_a_call_whose_entry_was_taken_over_leaves_it_alone():
    """Who comes back after its lease with a refusal does not forget what another worker has reserved since."""
    world = _World()
    ledger = Ledger(world.shared)

    def send():
        entry, version = ledger.read("name")
        assert ledger.replace("name", entry.taken_over(owner="other", digest="d", now=world.now), version=version)
        raise RateLimitedError("no", status=429, method="POST", path="/")

    with pytest.raises(RateLimitedError):
        _once(world, ledger).run(send)
    assert ledger.read("name").entry.owner == "other"


def test_others_that_are_always_faster_end_in_a_failure_before_sending():
    """A reservation that is snatched away each time is given up; what is done is answered all the same."""
    world = _World()

    class Busy(MemoryShared):
        def replace(self, name, value, *, version, keep_seconds):
            return False

    world.shared = Busy()
    with pytest.raises(CredentialStoreError, match="changes all the time"):
        _call(world, "well")
    assert world.made == []
