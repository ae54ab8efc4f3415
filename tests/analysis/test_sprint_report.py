from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.analysis.drawn import texts
from tests.analysis.recorded import recorded_issues
from tests.analysis.sprint_stories import FIELDS, SPRINT, sprint, work
from tests.analysis.stories import at
from vantage_jira_plugin.analysis.sprint_report import SPRINT_COLUMNS, sprint_chart, sprint_report, undated
from vantage_jira_plugin.analysis.sprints import sprints_of, work_of

#: Two weeks each; the first was closed an hour early, the second is running, the third is planned.
_ONE = sprint(1, "closed", "2026-01-05 09:00", "2026-01-16 17:00", "2026-01-16 16:00")
_TWO = sprint(2, "active", "2026-01-19 09:00", "2026-01-30 17:00")
_THREE = sprint(3, "future")
_NOW = at("2026-01-23 12:00")
_MEASURES = ("committed", "added", "removed", "completed", "notCompleted", "carriedOver", "doneOutside")


def _report(*works, with_points=True, now=_NOW):
    sprints = {one.id: one for each in works for one in sprints_of(each.issue.fields, FIELDS)}
    rows = list(sprint_report(works, sprints, sprints.values(), now=now, with_points=with_points))
    assert all(list(row) == [column["name"] for column in SPRINT_COLUMNS] for row in rows)
    return {row["sprint"]: row for row in rows}


def _counts(row):
    """Return issues and points of each measure that is not nothing."""
    pairs = {name: (row[f"{name}Issues"], row[f"{name}Points"]) for name in _MEASURES}
    return {name: pair for name, pair in pairs.items() if pair != (0, 0)}


def test_a_sprint_by_hand():
    """Four issues: one completed, one grown and carried over, one added, one removed."""
    done = work(
        "A-1",
        "2026-01-02 09:00",
        ("2026-01-02 10:00", "sprint", "", "1"),
        ("2026-01-09 10:00", "status", "To Do", "Done"),
        status="Done",
        sprints=(_ONE,),
        points=3,
    )
    # Committed with 5, 8 when the sprint ended, 13 today; the next sprint has it since two minutes after the end.
    carried = work(
        "A-2",
        "2026-01-02 09:00",
        ("2026-01-02 10:00", "sprint", "", "1"),
        ("2026-01-07 10:00", "points", "5", "8"),
        ("2026-01-16 16:02", "sprint", "1", "1, 2"),
        ("2026-01-20 10:00", "points", "8", "13"),
        sprints=(_ONE, _TWO),
        points=13,
    )
    # Created in the running sprint, estimated later, so that 0 points were added; done with 2 before the end.
    added = work(
        "A-3",
        "2026-01-08 09:00",
        ("2026-01-08 12:00", "points", "", "2"),
        ("2026-01-15 10:00", "status", "To Do", "Done"),
        status="Done",
        sprints=(_ONE,),
        points=2,
    )
    # In it with 1, put back on the 12th with 4; its field shows no sprint any more.
    removed = work(
        "A-4",
        "2026-01-02 09:00",
        ("2026-01-02 10:00", "sprint", "", "1"),
        ("2026-01-06 10:00", "points", "1", "4"),
        ("2026-01-12 10:00", "sprint", "1", ""),
        points=4,
    )
    rows = _report(done, carried, added, removed)
    assert _counts(rows["Sprint 1"]) == {
        "committed": (3, 3 + 5 + 1),
        "added": (1, 0),
        "removed": (1, 4),
        "completed": (2, 3 + 2),
        "notCompleted": (1, 8),
        "carriedOver": (1, 8),
    }
    # The second sprint has A-2 from before its start; its estimate was 8 at the start and is 13 now.
    assert _counts(rows["Sprint 2"]) == {"committed": (1, 8), "notCompleted": (1, 13)}
    facts = {name: rows["Sprint 1"][name] for name in ("sprintId", "boardId", "state", "goal")}
    assert facts == {"sprintId": "1", "boardId": "2", "state": "closed", "goal": "Ship it"}
    moments = [rows["Sprint 1"][name] for name in ("startedAt", "plannedEndAt", "completedAt")]
    assert moments == ["2026-01-05T09:00:00.000Z", "2026-01-16T17:00:00.000Z", "2026-01-16T16:00:00.000Z"]


def test_what_was_done_before_it_came_counts_apart():
    """An issue that came done, and stayed so, is no work of the sprint; one that was reopened in it is."""
    moved = ("2026-01-04 10:00", "sprint", "", "1")
    before = ("2026-01-03 10:00", "status", "To Do", "Done")
    again = ("2026-01-08 10:00", "status", "Done", "In Progress")
    stayed = work("A-1", "2026-01-02 09:00", before, moved, status="Done", sprints=(_ONE,), points=3)
    reopened = work("A-2", "2026-01-02 09:00", before, moved, again, status="In Progress", sprints=(_ONE,), points=5)
    rows = _report(stayed, reopened)
    assert _counts(rows["Sprint 1"]) == {"doneOutside": (1, 3), "committed": (1, 5), "notCompleted": (1, 5)}


def test_there_and_back_is_neither_added_nor_removed():
    """What was in a sprint at its start and is at its end was there, whatever happened between."""
    one = work(
        "A-1",
        "2026-01-02 09:00",
        ("2026-01-07 10:00", "sprint", "1", ""),
        ("2026-01-08 10:00", "sprint", "", "1"),
        sprints=(_ONE,),
        points=3,
    )
    assert _counts(_report(one)["Sprint 1"]) == {"committed": (1, 3), "notCompleted": (1, 3)}


def test_done_after_the_end_is_not_completed():
    """What counts is the status at the end; an issue left alone after it is not carried over."""
    late = work(
        "A-1",
        "2026-01-02 09:00",
        ("2026-01-16 16:01", "status", "To Do", "Done"),
        status="Done",
        sprints=(_ONE,),
        points=3,
    )
    assert _counts(_report(late)["Sprint 1"]) == {"committed": (1, 3), "notCompleted": (1, 3)}


def test_a_sprint_to_come_counts_what_is_planned():
    """Nothing was added or completed in a sprint that has not begun, and it did not start."""
    row = _report(work("A-1", "2026-01-02 09:00", sprints=(_THREE,), points=3))["Sprint 3"]
    assert _counts(row) == {"committed": (1, 3)}
    assert row["startedAt"] is None


def test_a_sprint_that_does_not_say_when_it_began():
    """Only what was left at its end can be told: nothing shows whether the rest was done before it, or came later."""
    old = sprint(1, "closed", None, "2026-01-16 17:00", "2026-01-16 16:00")
    moved = ("2026-01-04 10:00", "sprint", "", "1")
    ended = ("2026-01-08 10:00", "status", "To Do", "Done")
    done = work("A-1", "2026-01-02 09:00", moved, ended, status="Done", sprints=(old,), points=3)
    left = work("A-2", "2026-01-02 09:00", moved, sprints=(old,), points=5)
    on = ("2026-01-17 10:00", "sprint", "1", "1, 2")
    carried = work("A-3", "2026-01-02 09:00", moved, on, sprints=(old, _TWO), points=8)
    row = _report(done, left, carried)["Sprint 1"]
    assert (row["notCompletedIssues"], row["notCompletedPoints"], row["carriedOverIssues"]) == (2, 13, 1)
    unknown = {name for name in _MEASURES if row[f"{name}Issues"] is None and row[f"{name}Points"] is None}
    assert unknown == {"committed", "added", "removed", "completed", "doneOutside"}


@pytest.mark.parametrize("start", [None, "2026-01-05 09:00"])
def test_a_sprint_that_does_not_say_when_it_was_over(start):
    """A closed sprint is not taken for one that lasts until now."""
    row = _report(work("A-1", "2026-01-02 09:00", sprints=(sprint(1, "closed", start),), points=5))["Sprint 1"]
    assert [row[f"{name}Issues"] for name in _MEASURES] == [None] * len(_MEASURES)


def test_sprints_without_dates_are_named():
    """A sprint that is yet to begin needs none, nor does an active one the end."""
    odd = sprint(4, "closed", None, None, None)
    old = sprint(5, "closed", None, "2026-01-16 17:00")
    values = {SPRINT.id: [_ONE, _TWO, _THREE, sprint(6, "active", "2026-01-19 09:00"), odd, old]}
    first, second = undated(sprints_of(values, FIELDS))
    assert first.startswith("sprint Sprint 4 (id 4) is closed and has no start date and no end date, so that")
    assert second == "sprint Sprint 5 (id 5) is closed and has no start date, so that what depends on it cannot be told"


def _places(*sprints):
    """Draw sprints, and return what is written under the bars, from left to right."""
    rows = list(_report(*(work("A-1", "2026-01-02 09:00", sprints=(one,)) for one in sprints)).values())
    rows += [{**rows[0], "sprintId": "9"}] if len(sprints) == 2 else []
    return [text for text in texts(sprint_chart(with_points=False), rows) if text.startswith("Sprint ")]


def test_sprints_of_one_name_are_drawn_apart():
    """Those of two boards have a place each, under name and id; a name that is the only one stands alone."""
    assert _places(_ONE) == ["Sprint 1"]
    assert _places(_ONE, _TWO) == ["Sprint 1 (1)", "Sprint 2", "Sprint 1 (9)"]


def test_sprints_are_drawn_in_the_order_of_the_rows():
    """One that has not begun comes last, as in the table."""
    assert _places(_THREE, _TWO, _ONE) == ["Sprint 1", "Sprint 2", "Sprint 3"]


def test_estimates_of_tenths_add_up():
    """A tenth and two are three tenths, and nothing behind."""
    works = [work(f"A-{number}", "2026-01-02 09:00", sprints=(_TWO,), points=number / 10) for number in (1, 2)]
    assert _report(*works)["Sprint 2"]["committedPoints"] == 0.3


def test_without_estimates_points_are_none():
    """Issues are counted still."""
    row = _report(work("A-1", "2026-01-02 09:00", sprints=(_ONE,)), with_points=False)["Sprint 1"]
    assert (row["committedIssues"], row["committedPoints"]) == (1, None)


def test_sprints_come_by_their_start():
    """Those that have not begun come last."""
    rows = _report(work("A-1", "2026-01-02 09:00", sprints=(_THREE, _TWO, _ONE)))
    assert list(rows) == ["Sprint 1", "Sprint 2", "Sprint 3"]


def test_a_real_sprint(shared_jira):
    """Three recorded issues of `Scrum Sprint 3`, which began on 2022-04-15 at 00:55:17 and is still active."""
    # SP-13 came into the sprint at 00:52:08 and was given 13 points at 00:52:51, SP-14 came at 00:52:55 with 14
    # points of 00:52:43: both before the start. Both were done on 2022-04-19, at 01:53.
    # SP-15 was cloned from SP-13 with its 13 points on 2022-04-24, came into the sprint at 17:26:25, and is open.
    works = [work_of(issue, FIELDS) for issue in recorded_issues(shared_jira, "SP-13", "SP-14", "SP-15")]
    expected = {
        "2022-04-18 00:00": {"committed": (2, 27), "notCompleted": (2, 27)},
        "2022-04-20 00:00": {"committed": (2, 27), "completed": (2, 27)},
        "2022-04-25 00:00": {"committed": (2, 27), "completed": (2, 27), "added": (1, 13), "notCompleted": (1, 13)},
    }
    for now, counts in expected.items():
        row = _report(*works, now=at(now))["Scrum Sprint 3"]
        assert (row["state"], row["startedAt"]) == ("active", "2022-04-15T00:55:17.688Z")
        assert _counts(row) == counts


_MOMENTS = st.integers(1, 27).map("2026-01-{:02} 12:00".format)


@given(st.data())
def test_what_came_in_went_out(data):
    """Whatever happened: committed + added - removed = completed + not completed, of which some are carried over."""
    works = []
    for number in range(data.draw(st.integers(0, 5))):
        steps = data.draw(st.lists(st.tuples(_MOMENTS, st.sampled_from(["sprint", "status"])), max_size=6))
        now = {"sprint": "", "status": "To Do"}
        first = data.draw(st.sampled_from(["", "1", "2", "1, 2"]))
        now["sprint"] = first
        changes = []
        for moment, what in sorted(steps):
            values = ["", "1", "2", "1, 2"] if what == "sprint" else ["To Do", "In Progress", "Done"]
            after = data.draw(st.sampled_from([value for value in values if value != now[what]]))
            changes.append((moment, what, now[what], after))
            now[what] = after
        held = tuple(one for one in (_ONE, _TWO) if str(one["id"]) in now["sprint"])
        created = data.draw(_MOMENTS) if not changes else min(moment for moment, *_ in changes)
        works.append(work(f"A-{number}", created, *changes, status=now["status"], sprints=held, points=number))
    for row in _report(*works, now=at("2026-01-28 00:00")).values():
        counts = {name: row[f"{name}Issues"] for name in _MEASURES}
        came = counts["committed"] + counts["added"] - counts["removed"]
        assert came == counts["completed"] + counts["notCompleted"]
        assert 0 <= counts["carriedOver"] <= counts["notCompleted"]
