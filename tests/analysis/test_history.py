"""Histories of issues from their changelogs, those of real sites with their oddities too."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.analysis.stories import CATEGORIES, STATUSES, at, move, story
from vantage_jira_plugin.analysis.history import Stay, issue_history


def _issue(status="In Progress", created="2026-01-05T09:00:00.000+0000", **fields):
    status_id, category = STATUSES[status]
    present = {"id": status_id, "name": status, "statusCategory": {"key": category}}
    return {"id": "10001", "key": "DEV-1", "fields": {"created": created, "status": present, **fields}}


def _spans(history):
    return [(stay.status, stay.entered_at, stay.left_at) for stay in history.stays]


def test_an_issue_that_never_moved_is_in_its_status_since_it_was_created():
    """Without changes there is one stay, which lasts."""
    history = issue_history(_issue("To Do"), [], CATEGORIES)
    assert history.stays == (Stay("To Do", "1", "new", at("2026-01-05 09:00"), None),)


def test_moves_make_stays_without_a_gap():
    """From creation on, each stay begins where the one before ends, and the last one lasts."""
    history = story("DEV-1", "2026-01-05 09:00 To Do", "2026-01-06 10:00 In Progress", "2026-01-07 11:00 Done")
    assert history.stays == (
        Stay("To Do", "1", "new", at("2026-01-05 09:00"), at("2026-01-06 10:00")),
        Stay("In Progress", "3", "indeterminate", at("2026-01-06 10:00"), at("2026-01-07 11:00")),
        Stay("Done", "5", "done", at("2026-01-07 11:00"), None),
    )
    assert history.current == history.stays[-1]


def test_the_order_of_histories_does_not_matter():
    """`expand=changelog` is newest first, changelog/bulkfetch oldest first; one that comes twice counts once."""
    moves = [
        move(1, "2026-01-06 10:00", "To Do", "In Progress"),
        move(2, "2026-01-07 10:00", "In Progress", "To Do"),
        move(3, "2026-01-08 10:00", "To Do", "In Progress"),
    ]
    oldest_first = issue_history(_issue(), moves, CATEGORIES)
    assert len(oldest_first.changes) == 3
    assert issue_history(_issue(), [*reversed(moves), moves[1]], CATEGORIES) == oldest_first


def test_changes_of_one_moment_happen_in_the_order_of_their_ids():
    """Two moves within one moment: the status between lasted no time, and was entered still."""
    moves = [
        move(10, "2026-01-06 10:00", "In Progress", "Done"),
        move(9, "2026-01-06 10:00", "To Do", "In Progress"),
    ]
    moment = at("2026-01-06 10:00")
    assert _spans(issue_history(_issue("Done"), moves, CATEGORIES))[1:] == [
        ("In Progress", moment, moment),
        ("Done", moment, None),
    ]


def test_a_change_that_does_not_fit_the_one_before():
    """The time between belongs to what the change before led to."""
    moves = [move(1, "2026-01-06 10:00", "To Do", "In Progress"), move(2, "2026-01-08 10:00", "Review", "Done")]
    assert _spans(issue_history(_issue("Done"), moves, CATEGORIES)) == [
        ("To Do", at("2026-01-05 09:00"), at("2026-01-06 10:00")),
        ("In Progress", at("2026-01-06 10:00"), at("2026-01-08 10:00")),
        ("Done", at("2026-01-08 10:00"), None),
    ]


def test_changes_from_before_the_creation_happen_at_it():
    """An imported or cloned issue may have older changes; none of its time is before its creation."""
    moves = [move(1, "2025-12-01 10:00", "To Do", "In Progress"), move(2, "2026-01-08 10:00", "In Progress", "Done")]
    created = at("2026-01-05 09:00")
    assert _spans(issue_history(_issue("Done"), moves, CATEGORIES)) == [
        ("To Do", created, created),
        ("In Progress", created, at("2026-01-08 10:00")),
        ("Done", at("2026-01-08 10:00"), None),
    ]


def test_a_change_to_the_same_status_is_none():
    """What is entered from itself is one stay."""
    moves = [
        move(1, "2026-01-06 10:00", "To Do", "In Progress"),
        move(2, "2026-01-07 10:00", "In Progress", "In Progress"),
    ]
    assert [stay.status for stay in issue_history(_issue(), moves, CATEGORIES).stays] == ["To Do", "In Progress"]


def test_a_changelog_newer_than_its_issue_counts():
    """The issue was read a moment before it moved: its status is that before the last change."""
    moves = [move(1, "2026-01-06 10:00", "To Do", "In Progress"), move(2, "2026-01-08 10:00", "In Progress", "Done")]
    current = issue_history(_issue("In Progress"), moves, CATEGORIES).current
    assert (current.status, current.entered_at) == ("Done", at("2026-01-08 10:00"))


@pytest.mark.parametrize(
    ("updated", "last"),
    [("2026-01-06T09:00:00.000+0000", "Review"), ("2026-01-08T09:59:59.970+0000", "Closed"), (None, "Closed")],
)
def test_an_issue_that_a_search_was_late_with(updated, last):
    """Read before two moves, it tells neither: it was updated before them. Updated with the last, it is up to date."""
    moves = [move(1, "2026-01-08 09:00", "To Do", "In Progress"), move(2, "2026-01-08 10:00", "In Progress", "Review")]
    issue = _issue("Closed")
    issue["fields"]["updated"] = updated
    assert issue_history(issue, moves, CATEGORIES).current.status == last


def test_a_status_replaced_without_an_entry():
    """The present status is none that the last change speaks of: the last stay is one in the present status."""
    moves = [move(1, "2026-01-06 10:00", "To Do", "Review")]
    current = issue_history(_issue("Closed"), moves, CATEGORIES).current
    assert current == Stay("Closed", "6", "done", at("2026-01-06 10:00"), None)


def test_a_status_that_is_not_there_any_more_has_no_category():
    """It is `undefined`; the issue's own status is known from the issue, though the site's list lacks it."""
    history = issue_history(_issue("Done"), [move(1, "2026-01-06 10:00", "Review", "Done")], {})
    assert [(stay.status, stay.category) for stay in history.stays] == [("Review", "undefined"), ("Done", "done")]


def test_a_renamed_status_has_todays_name():
    """What was called otherwise is one status under the name that it has now."""
    history = issue_history(
        _issue("Done"), [move(1, "2026-01-06 10:00", "Review", "Done")], CATEGORIES, {"4": "Peer review"}
    )
    assert history.stays[0].status == "Peer review"


def test_changes_of_other_fields_are_kept():
    """A field's change has ids and texts, empty ones as None; without `fieldId` it is known by its name."""
    items = [
        {"field": "Story Points", "fieldId": "customfield_10036", "from": None, "fromString": "", "to": 5},
        {"field": "Link", "to": "DEV-2", "toString": "This issue blocks DEV-2"},
    ]
    history = issue_history(_issue(), [{"id": "1", "created": 1767690000, "items": items}], CATEGORIES)
    points, link = history.changes
    assert (points.at, points.field_id, points.from_id, points.from_text, points.to_id) == (
        1767690000.0,
        "customfield_10036",
        None,
        None,
        "5",
    )
    assert (link.field, link.field_id, link.to_id, link.to_text) == ("Link", None, "DEV-2", "This issue blocks DEV-2")
    assert len(history.stays) == 1


def test_a_change_without_a_moment_is_left_out():
    """What has no time has no place in a history."""
    undated = {**move(1, "2026-01-06 10:00", "To Do", "In Progress"), "created": None}
    assert issue_history(_issue(), [undated], CATEGORIES).changes == ()


def test_what_is_known_of_the_issue():
    """Names of type, project, people and priority, the resolution's moment, and Jira's own fields."""
    fields = {
        "summary": "A",
        "issuetype": {"name": "Bug"},
        "project": {"key": "DEV"},
        "assignee": {"displayName": "Ann Lee"},
        "priority": {"name": "High"},
        "resolutiondate": "2026-01-09T09:00:00.000+0000",
        "labels": ["x"],
    }
    history = issue_history(_issue(**fields), [], CATEGORIES)
    assert (history.id, history.key, history.summary, history.issue_type) == ("10001", "DEV-1", "A", "Bug")
    assert (history.project_key, history.assignee, history.priority) == ("DEV", "Ann Lee", "High")
    assert history.resolved_at == at("2026-01-09 09:00")
    assert history.fields["labels"] == ["x"]


def test_what_is_not_known_is_none():
    """Without the fields, the project is that of the key, and the rest None."""
    history = issue_history({"id": "1", "key": "DEV-1", "fields": {"created": 1767600000}}, [], CATEGORIES)
    assert (history.summary, history.issue_type, history.assignee, history.resolved_at) == (None,) * 4
    assert (history.project_key, history.stays, history.current) == ("DEV", (), None)


def test_an_issue_without_a_creation_is_no_issue():
    """Nothing can be said of it, and nothing is made up."""
    with pytest.raises(ValueError, match="DEV-1"):
        issue_history({"id": "1", "key": "DEV-1", "fields": {}}, [], CATEGORIES)


def test_the_status_at_a_moment():
    """Before the creation none, at a change the later one, and afterwards the last."""
    history = story("DEV-1", "2026-01-05 09:00 To Do", "2026-01-06 10:00 In Progress", "2026-01-06 10:00 Done")
    found = [
        history.status_at(at(moment))
        for moment in (
            "2026-01-05 08:59",
            "2026-01-05 09:00",
            "2026-01-06 09:59",
            "2026-01-06 10:00",
            "2030-01-01 00:00",
        )
    ]
    assert [stay and stay.status for stay in found] == [None, "To Do", "To Do", "Done", "Done"]


_MINUTES = st.integers(0, 59)


@given(st.lists(st.tuples(_MINUTES, st.sampled_from(list(STATUSES)), st.sampled_from(list(STATUSES))), max_size=8))
def test_stays_always_cover_the_life_of_an_issue(moves):
    """Whatever a changelog says, stays follow each other from creation on, no two neighbours are of one status."""
    histories = [move(n, f"2026-01-05 09:{minute:02d}", *pair) for n, (minute, *pair) in enumerate(moves)]
    created = "2026-01-05T09:20:00.000+0000"
    stays = issue_history(_issue("Done", created), histories, CATEGORIES).stays
    assert stays[0].entered_at == at("2026-01-05 09:20")
    assert stays[-1].left_at is None
    for stay, following in pairwise(stays):
        assert stay.entered_at <= stay.left_at == following.entered_at
        assert stay.status_id != following.status_id
