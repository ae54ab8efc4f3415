from __future__ import annotations

import itertools
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vantage_jira_plugin.simulator.lives import DAY_SECONDS, ROUND_SECONDS, Rounds, Setting, life

_ROUNDS = Rounds(100 * DAY_SECONDS, (7, 8, 9))


def _dice(seed: int) -> random.Random:
    return random.Random(seed)  # noqa: S311 - test data


def _setting(*working_ids: str, rounds: Rounds | None = None) -> Setting:
    return Setting("new", working_ids, "done", ("ada", "bob"), ("fixed", "declined"), ("1", "2"), "sprint", rounds)


@given(st.integers(min_value=0, max_value=10_000), st.floats(min_value=0, max_value=400))
def test_a_life_is_in_order_and_ends_now(seed: int, days: float) -> None:
    """Everything happens after creation and before now, the first thing first."""
    created_at, now = 90 * DAY_SECONDS, (90 + days) * DAY_SECONDS
    events = life(_dice(seed), _setting("work", "review", rounds=_ROUNDS), {"sprint": (7,)}, created_at, now)
    times = [event.at for event in events]
    assert times == sorted(times)
    assert all(created_at <= at < now for at in times)


@given(st.integers(min_value=0, max_value=10_000), st.sampled_from([("work",), ("work", "review")]))
def test_an_end_has_a_resolution_and_a_new_beginning_has_none(seed: int, working_ids: tuple[str, ...]) -> None:
    """Statuses follow each other, and the resolution comes and goes with the last of them."""
    events = life(_dice(seed), _setting(*working_ids), {}, 0.0, 10_000 * DAY_SECONDS)
    moves = [event for event in events if "status" in event.values]
    statuses = ["new", *(event.values["status"] for event in moves)]
    assert all(before != after for before, after in itertools.pairwise(statuses))
    assert set(statuses) <= {"new", "done", *working_ids}
    for event, before in zip(moves, statuses, strict=False):
        if event.values["status"] == "done":
            assert event.values["resolutiondate"] == event.at
            assert event.values["resolution"] in {"fixed", "declined"}
        elif before == "done":
            assert (event.values["resolution"], event.values["resolutiondate"]) == (None, None)
        else:
            assert "resolution" not in event.values


def test_an_unfinished_issue_goes_on_into_the_next_sprint() -> None:
    """At the end of each sprint it is put into the following one, besides those that it was in."""
    setting = Setting("new", ("work",), "done", ("ada",), ("fixed",), ("1",), "sprint", _ROUNDS)
    never_started = next(
        seed for seed in range(1_000)
        if not any("status" in event.values for event in life(_dice(seed), setting, {}, 0.0, 1e9))
    )  # fmt: skip
    created_at = 99 * DAY_SECONDS
    events = life(_dice(never_started), setting, {"sprint": (7,)}, created_at, 1e9)
    assert [(event.at, event.values) for event in events if "sprint" in event.values] == [
        (100 * DAY_SECONDS + ROUND_SECONDS, {"sprint": (7, 8)}),
        (100 * DAY_SECONDS + 2 * ROUND_SECONDS, {"sprint": (7, 8, 9)}),
    ]


@pytest.mark.parametrize(("days", "place"), [(0, 0), (99.9, 0), (100, 1), (113.9, 1), (114, 2), (500, 3)])
def test_the_next_sprint_is_the_first_that_has_not_begun(days: float, place: int) -> None:
    """A sprint that begins this very moment has begun."""
    assert _ROUNDS.after(days * DAY_SECONDS) == place
