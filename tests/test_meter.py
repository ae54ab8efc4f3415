"""What meters and accounts of points add up, and what they leave to others."""

from __future__ import annotations

import threading

from tests.memoryusage import MemoryUsage
from vantage_jira_plugin.meter import Account, Meter
from vantage_jira_plugin.points import HOUR_SECONDS, Spent, Work
from vantage_jira_plugin.settings import Settings
from vantage_jira_plugin.transport.budget import Budget

#: 2026-01-31 09:30 UTC, half an hour before an hour ends.
_NOW = 1_769_851_800.0
_HALF_HOUR = 1800.0


def _settings(**budgets):
    return Settings("service", "client", "credential", seed=None, **budgets)


def _entry(points, *, at=_NOW, cloud_id="c-1", run_id=None):
    return {"at": at, "cloudId": cloud_id, "runId": run_id, "points": points}


def _account(meter=None, points=0, run_id=None, clock=lambda: _NOW, **budgets):
    account = Account(_settings(**budgets), meter or Meter(None, "client"), Budget(), Work(run_id), clock=clock)
    account.spend(points)
    return account


def _end(account, code=None):
    account.end(action="searchIssues", cloud_id="c-1", site="s", code=code)


class Clock:
    """A clock that a test sets."""

    def __init__(self):
        self.now = _NOW

    def __call__(self):
        return self.now


def test_the_connections_own_meter_counts_by_hour_site_and_run():
    """A new hour begins at nothing, a run goes on, and another site is another matter."""
    meter = Meter(None, "client")
    meter.end(_account(), [_entry(5, run_id="run-1")])
    meter.end(_account(), [_entry(7)])
    meter.end(_account(), [_entry(11, cloud_id="c-2", run_id="run-1")])
    assert meter.spent("c-1", "run-1", now=_NOW) == (Spent(12, 16), True)
    assert meter.spent("c-2", None, now=_NOW + _HALF_HOUR - 1) == (Spent(11, 0), True)
    assert meter.spent("c-1", "run-1", now=_NOW + _HALF_HOUR) == (Spent(0, 16), True)
    assert meter.spent("c-1", "run-2", now=_NOW) == (Spent(0, 0), True)


def test_it_remembers_a_bounded_number_of_runs():
    """The run that rested longest is forgotten, not the one in use."""
    meter = Meter(None, "client")
    for run_id in ["kept", *(f"run-{number}" for number in range(999)), "kept", "one more"]:
        meter.end(_account(), [_entry(1, run_id=run_id)])
    assert meter.spent("c-1", "kept", now=_NOW)[0].in_run == 2
    assert meter.spent("c-1", "run-0", now=_NOW)[0].in_run == 0
    assert meter.spent("c-1", "run-1", now=_NOW)[0].in_run == 1


def test_what_is_under_way_counts():
    """Another thread's search spends while it runs, not only when it has ended; then it counts once."""
    meter = Meter(None, "client")
    running = _account(meter, points=30, run_id="run-1")
    running.begin()
    assert meter.spent("c-1", "run-1", now=_NOW)[0] == Spent(30, 30)
    assert meter.spent("c-1", "run-2", now=_NOW)[0] == Spent(30, 0)
    _end(running)
    assert meter.spent("c-1", "run-1", now=_NOW)[0] == Spent(30, 30)


def test_each_hour_is_charged_with_the_answers_that_came_in_it():
    """What a call spent before the turn of the hour is not the new hour's, while it runs and after; the run has all."""
    meter, clock = Meter(None, "client"), Clock()
    running = _account(meter, points=30, run_id="run-1", clock=clock)
    running.begin()
    clock.now += _HALF_HOUR
    assert meter.spent("c-1", "run-1", now=clock.now)[0] == Spent(0, 30)
    running.spend(4)
    running.spend(3)
    assert meter.spent("c-1", "run-1", now=clock.now)[0] == Spent(7, 37)
    _end(running)
    assert meter.spent("c-1", "run-1", now=clock.now)[0] == Spent(7, 37)


def test_what_is_set_aside_is_not_there_for_others():
    """Each request gets what is left at most, until the one before gives back what it did not spend."""
    account = _account(points_per_hour=10)
    assert account.reserve(100) == 100  # as long as nobody has looked at the meter, no budget is known
    account.release(100)
    assert account.refusal("c-1") is None
    assert [account.reserve(6), account.reserve(6), account.reserve(6)] == [6, 4, 0]
    assert account.left == 0
    account.spend(2)
    account.release(6)
    assert account.left == 4
    account.spend(4)
    account.release(4)
    assert account.left == 4
    account.release(0)
    assert account.reserve(9) == 4


def test_without_a_budget_as_much_is_set_aside_as_is_wanted():
    """Nothing is left over and nothing runs out."""
    account = _account()
    assert account.refusal("c-1") is None
    assert (account.reserve(5000), account.left) == (5000, None)


def test_threads_never_set_aside_more_than_there_is():
    """However they come together, all of it is given once."""
    account = _account(points_per_hour=1000)
    account.refusal("c-1")
    got = []

    def take():
        got.extend(account.reserve(3) for _ in range(100))

    threads = [threading.Thread(target=take) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(got) == 1000
    assert account.left == 0


def test_what_is_spent_while_the_meter_is_read_counts(monkeypatch):
    """It may count twice until the next look, never not at all."""
    meter = Meter(None, "client")
    account = _account(meter, points=4, points_per_hour=10)
    account.begin()
    read = meter.spent

    def spend_meanwhile(*args, **more):
        told = read(*args, **more)
        account.spend(5)
        return told

    monkeypatch.setattr(meter, "spent", spend_meanwhile)
    assert account.refusal("c-1") is None
    assert account.left <= 1
    monkeypatch.undo()
    assert account.refusal("c-1") is None
    assert account.left == 1


def test_what_ends_late_does_not_reach_the_new_hour():
    """A call of the old hour that is counted when others are in the new one already stays the old one's."""
    meter = Meter(None, "client")
    assert meter.spent("c-1", None, now=_NOW + _HALF_HOUR)[0] == Spent()
    meter.end(_account(), [_entry(5, run_id="run-1")])
    assert meter.spent("c-1", "run-1", now=_NOW + _HALF_HOUR)[0] == Spent(0, 5)


def test_a_call_over_the_turn_of_the_hour_is_told_by_hours():
    """An entry for each hour with its own part; the call and its failure are the last one's, when it ended."""
    store, clock, budget = MemoryUsage(), Clock(), Budget()
    account = Account(_settings(), Meter(store, "client"), budget, Work("run-1"), clock=clock)
    for later, requests, waited_seconds, points in ((0, 2, 0.0, 5), (1, 1, 0.5, 7), (2 * HOUR_SECONDS, 4, 0.25, 9)):
        clock.now += later
        budget.requests += requests
        budget.waited_seconds += waited_seconds
        account.spend(points)
    clock.now += HOUR_SECONDS
    budget.requests += 1
    budget.retries += 1
    _end(account, code="jira_unavailable")
    names = ("at", "calls", "requests", "points", "retries", "waitedSeconds", "code")
    assert [tuple(entry[name] for name in names) for entry in store.entries] == [
        (_NOW + 1, 0, 3, 12, 0, 0.5, None),
        (_NOW + 1 + 2 * HOUR_SECONDS, 0, 4, 9, 0, 0.25, None),
        (_NOW + 1 + 3 * HOUR_SECONDS, 1, 1, 0, 1, 0.0, "jira_unavailable"),
    ]
    assert {(entry["action"], entry["runId"], entry["cloudId"]) for entry in store.entries} == {
        ("searchIssues", "run-1", "c-1")
    }


def test_a_call_that_begins_before_the_turn_and_spends_after_it_has_one_entry():
    """An hour in which nothing was answered has no part."""
    store, clock = MemoryUsage(), Clock()
    account = Account(_settings(), Meter(store, "client"), Budget(), Work(), clock=clock)
    account.begin()
    clock.now += _HALF_HOUR
    account.spend(2)
    _end(account)
    assert [(entry["at"], entry["calls"], entry["points"]) for entry in store.entries] == [(clock.now, 1, 2)]


def test_a_clock_that_is_set_back_takes_nothing_from_an_hour():
    """Parts never become negative; what comes after counts in the hour that had begun."""
    store, clock = MemoryUsage(), Clock()
    account = _account(Meter(store, "client"), points=5, clock=clock)
    clock.now += _HALF_HOUR
    account.spend(7)
    clock.now -= 60
    account.spend(9)
    _end(account)
    assert [(entry["at"], entry["points"]) for entry in store.entries] == [(_NOW, 5), (_NOW + _HALF_HOUR, 16)]


def test_the_hosts_count_is_asked_where_there_is_one():
    """By app and site since the hour began, and by app and run, whichever site."""
    store = MemoryUsage(before=40)
    meter = Meter(store, "client")
    meter.end(_account(), [_entry(2)])
    assert meter.spent("c-1", "run-1", now=_NOW) == (Spent(42, 40), True)
    assert store.asked == [("client", "c-1", None, _NOW - _HALF_HOUR), ("client", None, "run-1", None)]


def test_without_the_hosts_count_the_connections_own_serves(caplog):
    """A store that fails is told by its error's name, since its text may hold a password."""
    store = MemoryUsage(before=40)
    meter = Meter(store, "client")
    store.broken = True
    assert meter.end(_account(), [_entry(2)]) is False
    assert meter.spent("c-1", None, now=_NOW) == (Spent(2, 0), False)
    assert caplog.messages == [
        "what an action used could not be counted (OSError)",
        "what is spent could not be read (OSError)",
    ]


def test_many_threads_count_every_point():
    """Nothing is lost or counted twice."""
    meter = Meter(None, "client")

    def work():
        for _ in range(200):
            account = _account(meter, points=1, run_id="run-1")
            account.begin()
            _end(account)

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert meter.spent("c-1", "run-1", now=_NOW)[0] == Spent(1600, 1600)


def test_an_account_knows_what_is_left_as_it_spends():
    """What the last look at the meter left, less what was spent since."""
    account = _account(points_per_hour=10)
    assert account.left is None
    account.begin()
    assert account.refusal("c-1") is None
    assert account.left == 10
    account.spend(4)
    assert account.left == 6
    account.spend(10)
    assert account.left == 0
    assert account.refusal("c-1").code == "budget_spent"


def test_an_account_knows_whether_a_budget_applies():
    """Without one the meter is not asked."""
    assert not _account().limited
    assert _account(points_per_hour=5).limited
    assert not _account(points_per_run=5).limited
    assert _account(points_per_run=5, run_id="run-1").limited
    assert _account().refusal("c-1") is None
