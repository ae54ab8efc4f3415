from __future__ import annotations

import pytest

from tests.simulator.asking import Asking, new_asking

_DAY_SECONDS = 86_400


@pytest.fixture
def ask() -> Asking:
    """The seeded site, where a task was moved a day ago by Mara and now by Jun."""
    ask = new_asking()
    ask.create(summary="Moved")
    key = "DEV-25"
    ask("POST", f"/issue/{key}/transitions", {"transition": {"id": "21"}})
    ask.clock.at += _DAY_SECONDS
    ask.account_id, mara = ask.person("Jun"), ask.account_id
    ask("POST", f"/issue/{key}/transitions", {"transition": {"id": "41"}})
    ask.account_id = mara
    return ask


@pytest.mark.parametrize(
    ("clause", "matches"),
    [
        ("status was 'To Do'", True),
        ("status was 'In Review'", False),
        ("status was not 'In Review'", True),
        ("status was not in ('In Review', Done)", False),
        ("status was 'In Progress' before -12h", True),
        ("status was Done before -12h", False),
        ("status was 'In Progress' on '2026-11-24'", True),
        ("status was Done during ('2026-11-01', '2026-11-24')", False),
        ("status changed", True),
        ("status changed on '2026-11-25'", True),
        ("status changed before '2026-11-01'", False),
        ("status changed during ('2026-11-24', '2026-11-26')", True),
        ("status changed from 'To Do' to 'In Progress'", True),
        ("status changed from 'To Do' to Done", False),
        ("status changed to Done by 'Jun Watanabe'", True),
        ("status changed to Done by currentUser()", False),
        ("assignee changed", False),
        ("resolution was Done", True),
    ],
)
def test_the_past_is_remembered(ask: Asking, clause: str, matches: bool) -> None:  # noqa: FBT001 - a table's column
    """`was` looks at what held and when, `changed` at the changes themselves."""
    assert ask.keys(f"key = DEV-25 and {clause}") == (["DEV-25"] if matches else [])


def test_a_span_needs_two_ends(ask: Asking) -> None:
    """`during` wants two dates."""
    assert ask.complaints("status was Done during ('2026-11-01')") == ["The predicate 'during' expects two dates."]


def test_versions_are_remembered_one_by_one(ask: Asking) -> None:
    """`was` and `changed` look at each of the fix versions that an issue once had."""
    key = ask.create(fixVersions=[{"name": "1.0"}])["key"]
    ask("PUT", f"/issue/{key}", {"fields": {"fixVersions": [{"name": "1.0"}, {"name": "1.1"}]}})
    ask("PUT", f"/issue/{key}", {"fields": {"fixVersions": []}})
    for clause, found in {
        "fixVersion was 1.0": True,
        "fixVersion was 1.1": True,
        "fixVersion was in (1.1)": True,
        "fixVersion was empty": True,
        "fixVersion was not 1.1": False,
        "fixVersion changed": True,
        "fixVersion changed from 1.1 to empty": True,
        "fixVersion changed from empty": False,
    }.items():
        assert bool(ask.keys(f"key = {key} and {clause}")) == found, clause
