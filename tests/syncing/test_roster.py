"""The issues that are known, by id and key."""

from __future__ import annotations

import json
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vantage_jira_plugin.syncing.roster import Draft, Roster, compared

_KEYS = st.one_of(
    st.builds("{}-{}".format, st.sampled_from(["A", "B", "C_2", "LONGER"]), st.integers(1, 10**6)),
    st.sampled_from(["A", "A-", "-1", "A-01", "A-0", "A--1", "no key", "A-9" + "9" * 30, "Ä-1", "A-٣"]),
)
_ISSUES = st.dictionaries(st.integers(0, 10**12), _KEYS, max_size=60)


def _roster(issues):
    return Roster().changed(issues, ())


def _issues(roster):
    return {issue_id: roster.key_of(issue_id) for issue_id in roster.ids}


@given(_ISSUES, _ISSUES, st.sets(st.integers(0, 20)))
def test_it_behaves_like_a_mapping(issues, more, dropped):
    """Adding, renaming and dropping do what they do to a mapping; ids are in order."""
    dropped = dropped | set(list(issues)[::3])
    roster = _roster(issues).changed(more, dropped)
    kept = {issue_id: key for issue_id, key in issues.items() if issue_id not in dropped}
    assert _issues(roster) == kept | more
    assert list(roster.ids) == sorted(kept | more)
    assert len(roster) == len(kept | more)
    assert roster.key_of(10**13) is None


@given(_ISSUES)
def test_it_comes_back_from_json(issues):
    """What is written down as JSON is the same when it is read."""
    assert _issues(Roster.from_json(json.loads(json.dumps(_roster(issues).to_json())))) == issues


@given(_ISSUES, _ISSUES)
def test_differences_are_those_of_mappings(first, second):
    """What is missing, extra or renamed is told in the order of ids."""
    found = compared(_roster(first), _roster(second))
    assert found.missing == sorted(first.keys() - second.keys())
    assert found.extra == sorted(second.keys() - first.keys())
    assert found.renamed == sorted(number for number in first.keys() & second.keys() if first[number] != second[number])


def test_a_draft_is_seen_as_it_will_be():
    """A draft answers what was put and dropped, in either order, before and after it is made a roster."""
    draft = Draft(_roster({1: "A-1", 2: "A-2", 3: "A-3"}))
    draft.put(4, "A-4")
    draft.put(2, "B-2")
    draft.drop(1)
    draft.drop(3)
    draft.put(3, "A-9")
    draft.drop(4)
    expected = {1: None, 2: "B-2", 3: "A-9", 4: None}
    assert {number: draft.key_of(number) for number in expected} == expected
    assert _issues(draft.roster()) == {2: "B-2", 3: "A-9"}
    assert {number: draft.key_of(number) for number in expected} == expected


@pytest.mark.parametrize(
    "change",
    [
        lambda data: data.pop("ids"),
        lambda data: data.update(ids=7),
        lambda data: data.update(projects=[["A", 1]]),
        lambda data: data.update(projects=[["A", 3]]),
        lambda data: data.update(projects=[["A", -1], ["B", 3]]),
        lambda data: data.update(projects=[["A"]]),
        lambda data: data.update(projects=[[1, 2]]),
        lambda data: data.update(ids=data["numbers"], numbers=data["ids"]),
        lambda data: data.update(numbers=_roster({1: "A-1"}).to_json()["numbers"]),
    ],
)
def test_what_is_no_roster_is_refused(change):
    """JSON that does not fit is a ValueError."""
    data = _roster({1: "A-7", 2: "A-7"}).to_json()
    change(data)
    with pytest.raises(ValueError, match=r".+"):
        Roster.from_json(data)


def test_a_site_is_small():
    """Ids and keys of 100,000 issues of many projects, with gaps and moves, take less than 1.5 bytes each."""
    chance = random.Random(7)  # noqa: S311 - test data
    numbers = dict.fromkeys(range(30), 0)
    issues, issue_id = {}, 10_000
    for _ in range(100_000):
        issue_id += 1 if chance.random() < 0.85 else chance.randint(2, 12)
        project = min(chance.randrange(30), chance.randrange(30))
        numbers[project] += 1 if chance.random() < 0.97 else 2
        issues[issue_id] = f"PROJECT{project}-{numbers[project]}"
    data = json.dumps(_roster(issues).to_json())
    assert len(data) < 1.5 * len(issues)
