from __future__ import annotations

from datetime import date
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from tests.analysis.recorded import recorded_issues
from tests.analysis.stories import STATUSES, story
from vantage_jira_plugin.analysis.cumulative_flow import FLOW_COLUMNS, cumulative_flow
from vantage_jira_plugin.analysis.history import issue_history
from vantage_jira_plugin.analysis.intervals import intervals

_UTC = ZoneInfo("UTC")


def _days(first, last, zone=_UTC, kind="day"):
    return list(intervals(kind, date.fromisoformat(first), date.fromisoformat(last), zone))


def _counts(rows):
    table = {}
    for row in rows:
        assert list(row) == [column["name"] for column in FLOW_COLUMNS]
        table.setdefault(row["date"], {})[row["status"]] = row["count"]
    return table


_ISSUES = (
    story("A-1", "2026-01-05 09:00 To Do", "2026-01-06 09:00 In Progress", "2026-01-07 23:59 Done"),
    story("A-2", "2026-01-05 09:00 To Do", "2026-01-07 10:00 Review"),
    story("A-3", "2026-01-06 09:00 In Progress", "2026-01-06 10:00 To Do"),
)


def test_counts_at_the_end_of_each_day():
    """A status has a row on each day, with zero where nothing is in it."""
    # 5 Jan: to do. 6 Jan: A-1 in progress, A-2 and A-3 to do. 7 Jan: A-1 done a minute before
    # midnight, A-2 in review, A-3 to do.
    assert _counts(cumulative_flow(_ISSUES, _days("2026-01-04", "2026-01-07"))) == {
        "2026-01-04": {"To Do": 0, "In Progress": 0, "Review": 0, "Done": 0},
        "2026-01-05": {"To Do": 2, "In Progress": 0, "Review": 0, "Done": 0},
        "2026-01-06": {"To Do": 2, "In Progress": 1, "Review": 0, "Done": 0},
        "2026-01-07": {"To Do": 1, "In Progress": 0, "Review": 1, "Done": 1},
    }


def test_days_end_at_midnight_of_the_zone():
    """In Tokyo, nine hours ahead, A-1 is done only on the 8th."""
    counts = _counts(cumulative_flow(_ISSUES, _days("2026-01-07", "2026-01-08", ZoneInfo("Asia/Tokyo"))))
    assert [counts[day]["Done"] for day in counts] == [0, 1]


def test_statuses_stand_as_on_a_board():
    """By category, then by when issues first came into them, whatever their names."""
    rows = list(cumulative_flow(_ISSUES, _days("2026-01-07", "2026-01-07")))
    assert [(row["order"], row["status"], row["statusCategoryKey"]) for row in rows] == [
        (1, "To Do", "new"),
        (2, "In Progress", "indeterminate"),
        (3, "Review", "indeterminate"),
        (4, "Done", "done"),
    ]


def test_by_category():
    """In progress and in review are one."""
    counts = _counts(cumulative_flow(_ISSUES, _days("2026-01-07", "2026-01-07"), by="statusCategory"))
    assert counts == {"2026-01-07": {"new": 1, "indeterminate": 1, "done": 1}}


def test_a_week_ends_on_sunday():
    """Of a longer interval the last day counts."""
    (day,) = _counts(cumulative_flow(_ISSUES, _days("2026-01-05", "2026-01-07", kind="week")))
    assert day == "2026-01-11"


def test_statuses_of_one_name_are_one():
    """Each team-managed project has its own To Do, with its own id; one that is gone has no category any more."""
    other = issue_history(
        {
            "id": "9",
            "key": "B-9",
            "fields": {"created": "2026-01-04T09:00:00.000+0000", "status": {"id": "77", "name": "To Do"}},
        },
        [],
        {},
    )
    (row, *_) = cumulative_flow([other, *_ISSUES], _days("2026-01-05", "2026-01-05"))
    assert (row["status"], row["statusCategoryKey"], row["count"]) == ("To Do", "new", 3)


def test_nothing_has_no_rows():
    """Without issues there is no status to count."""
    assert list(cumulative_flow([], _days("2026-01-05", "2026-01-07"))) == []


_STEPS = st.lists(st.tuples(st.integers(1, 28), st.sampled_from(sorted(STATUSES))), min_size=1, max_size=6)


@given(st.lists(_STEPS, max_size=6), st.sampled_from(["status", "statusCategory"]))
def test_a_day_adds_up_to_the_issues_created_by_then(histories, by):
    """Whatever happened, every issue is in one status from its creation on."""
    issues = []
    for number, steps in enumerate(histories, start=1):
        texts = [f"2026-01-{day:02} {9 + place:02}:00 {name}" for place, (day, name) in enumerate(sorted(steps))]
        issues.append(story(f"A-{number}", *texts))
    spans = _days("2026-01-01", "2026-01-31")
    counts = _counts(cumulative_flow(issues, spans, by=by))
    for span in spans:
        created = sum(issue.created_at < span.end_at for issue in issues)
        assert sum(counts.get(span.last_day.isoformat(), {}).values()) == (created if counts else 0)


def test_real_issues(shared_jira):
    """Six recorded issues on three days, as their changelogs say."""
    issues = recorded_issues(shared_jira, "SP-1", "SP-2", "SP-5", "SP-7", "SP-8", "SP-11", sample=True)
    counts = _counts(cumulative_flow(issues, _days("2021-06-18", "2021-12-14")))
    # 18 June: all six were created; SP-1 went on to In Progress, SP-2 to Selected for Development.
    # 29 August: SP-5 in progress since 18:04, SP-8 selected since 18:06; SP-7 and SP-11 are in the backlog.
    # 14 December: SP-1 in review, SP-2, SP-7 and SP-11 selected, SP-8 in progress, SP-5 done.
    expected = {
        "2021-06-18": {"Backlog": 4, "Selected for Development": 1, "In Progress": 1, "Review": 0, "Done": 0},
        "2021-08-29": {"Backlog": 2, "Selected for Development": 2, "In Progress": 2, "Review": 0, "Done": 0},
        "2021-12-14": {"Backlog": 0, "Selected for Development": 3, "In Progress": 1, "Review": 1, "Done": 1},
    }
    assert {day: counts[day] for day in expected} == expected
    # The columns of the recorded board stand in the same order.
    assert list(counts["2021-12-14"]) == ["Backlog", "Selected for Development", "In Progress", "Review", "Done"]
