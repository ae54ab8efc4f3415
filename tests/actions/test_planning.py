"""Sprints, burn-downs and timelines of a simulated site."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.actions.sprint_site import plan_sprints

_PLANNED = "project = DEV AND labels = planned"
_MEASURES = ("committed", "added", "removed", "completed", "notCompleted", "carriedOver", "doneOutside")


@pytest.fixture
def output(run, sim):
    """Return a function that runs an action over the planned issues and returns its output."""
    plan_sprints(sim.site)

    def execute(action, **inputs):
        envelope = run(action, **{"jql": _PLANNED, "timeZone": "UTC", **inputs})
        assert "error" not in envelope, envelope
        return envelope["output1"]

    return execute


def _counts(row):
    pairs = {name: (row[f"{name}Issues"], row[f"{name}Points"]) for name in _MEASURES}
    return {name: pair for name, pair in pairs.items() if pair != (0, 0)}


def test_sprints_of_a_site(output):
    """Fields are found by themselves, and what was in a sprint comes from its issues' changes."""
    rows = output("sprintReport")["data"]
    assert [row["sprint"] for row in rows] == ["Blue 1", "Blue 2"]
    # Committed were 3, 5 and 1 points; the 5 had become 8 when the sprint ended, and went on to the second.
    assert _counts(rows[0]) == {
        "committed": (3, 9),
        "added": (1, 2),
        "removed": (1, 1),
        "completed": (2, 5),
        "notCompleted": (1, 8),
        "carriedOver": (1, 8),
    }
    assert _counts(rows[1]) == {"committed": (2, 21), "completed": (1, 13), "notCompleted": (1, 8)}
    assert (rows[0]["state"], rows[0]["goal"]) == ("closed", "One")


@pytest.mark.parametrize("named", ["blue 2", "12"])
def test_one_sprint(output, named):
    """By its name, whatever the case, or its id."""
    assert [row["sprintId"] for row in output("sprintReport", sprint=named)["data"]] == ["12"]


def test_a_burn_down(output):
    """From the start to the planned end; what is left today is what is not done, and then there is no count."""
    rows = output("sprintReport", sprint="Blue 2", layout="burndown")["data"]
    counted = [row for row in rows if row["remainingPoints"] is not None]
    assert (counted[0]["remainingPoints"], counted[-1]["remainingPoints"]) == (21, 8)
    assert (rows[0]["idealPoints"], rows[-1]["idealPoints"]) == (21, 0)
    assert len(rows) > len(counted) == 8 + 2  # eight midnights since the start, the start and now


def test_a_sprint_of_a_mistyped_year_is_told(output, sim):
    """Its days would be too many to count."""
    sim.site.sprints[12] = replace(sim.site.sprints[12], end_date="2206-01-01T00:00:00.000Z")
    table = output("sprintReport", sprint="Blue 2", layout="burndown")
    assert table["metadata"]["count"] == 3
    assert table["metadata"]["warnings"] == [
        "sprint Blue 2 lasts longer than ten years, so its days have no rows; is a date mistyped?"
    ]


def test_a_closed_sprint_without_a_start_is_told(output, sim):
    """What cannot be known is empty, and a warning names the sprint."""
    sim.site.sprints[11] = replace(sim.site.sprints[11], start_date=None)
    table = output("sprintReport", sprint="Blue 1")
    (row,) = table["data"]
    assert (row["completedIssues"], row["committedIssues"], row["notCompletedIssues"]) == (None, None, 1)
    assert table["metadata"]["warnings"] == [
        "sprint Blue 1 (id 11) is closed and has no start date, so that what depends on it cannot be told"
    ]
    table = output("sprintReport", sprint="Blue 1", layout="burndown")
    assert (table["data"], len(table["metadata"]["warnings"])) == ([], 1)


@pytest.mark.parametrize("given", [{"workingHours": "Mon-Fri 09:00-17:00"}, {"holidays": ["2026-01-01"]}])
def test_working_hours_are_for_burn_downs(output, given):
    """In a row for each sprint they count for nothing, and the table says so."""
    plain, table = output("sprintReport"), output("sprintReport", **given)
    assert table["data"] == plain["data"]
    assert (plain["metadata"]["warnings"], len(table["metadata"]["warnings"])) == ([], 1)
    assert "are for layout burndown" in table["metadata"]["warnings"][0]
    assert output("sprintReport", layout="burndown", **given)["metadata"]["warnings"] == []


def test_a_row_for_each_sprint_asks_for_no_time_zone(run, sim):
    """No day counts in it, so that the account is not asked for."""
    run("sprintReport", jql=_PLANNED)
    asked = len(sim.requests_to("/rest/api/3/myself"))
    run("sprintReport", jql=_PLANNED, layout="burndown")
    assert len(sim.requests_to("/rest/api/3/myself")) == asked + 1


def test_working_hours_are_those_of_the_ideal_line(output):
    """Where all days of the sprint are holidays but the last week, it stays level until then."""
    rows = output("sprintReport", sprint="Blue 1", layout="burndown", workingHours="Mon 09:00-17:00")["data"]
    mondays = len({row["idealPoints"] for row in rows}) - 1
    assert 1 <= mondays <= 2
    assert (rows[0]["idealPoints"], rows[-1]["idealPoints"]) == (9, 0)


def test_an_issue_that_left_and_is_not_found_is_not_seen(output):
    """A query for the sprint itself does not find what was removed from it."""
    found = output("sprintReport", jql='sprint = "Blue 1"')["data"]
    assert _counts(next(row for row in found if row["sprint"] == "Blue 1"))["committed"] == (2, 8)


def test_a_sprint_that_no_issue_is_in_any_more_is_told(output):
    """Its dates are on no issue that was found, so that it is left out with a warning."""
    table = output("sprintReport", jql='project = DEV AND summary ~ "removed"')
    assert table["data"] == []
    assert table["metadata"]["warnings"] == [
        "no issue that was found is in these sprints now, so they are left out: 11"
    ]


def test_an_unknown_sprint_is_refused_with_the_nearest(output, run):
    """The input is named."""
    error = run("sprintReport", jql=_PLANNED, sprint="Blue1")["error"]
    assert error["code"] == "input_invalid"
    assert "did you mean Blue 1?" in error["errors"]["sprint"][0]
    error = run("sprintReport", jql="project = OPS", sprint="Blue 1")["error"]
    assert "none of them is in a sprint" in error["errors"]["sprint"][0]


def test_sprints_of_one_name_are_all_meant(output, sim):
    """Boards may each have a sprint of one name."""
    sim.site.sprints[12] = replace(sim.site.sprints[12], name="Blue 1", board_id=2)
    rows = output("sprintReport", sprint="BLUE 1")["data"]
    assert [(row["sprintId"], row["boardId"]) for row in rows] == [("11", "1"), ("12", "2")]


@pytest.mark.parametrize(
    ("action", "inputs", "text"),
    [
        ("sprintReport", {"pointsField": "Story Pionts"}, "Did you mean 'Story Points'"),
        ("sprintReport", {"pointsField": "Customer"}, "must name a field of numbers, and 'Customer' is"),
        ("projectTimeline", {"startField": "Team"}, "2 fields are called 'Team'"),
        ("projectTimeline", {"startField": "Customer"}, "must name a field of dates or times, and 'Customer' is"),
    ],
)
def test_a_wrong_field_is_refused_before_issues_are_read(run, sim, action, inputs, text):
    """The input that names it bears the error."""
    error = run(action, jql=_PLANNED, **inputs)["error"]
    (name,) = inputs
    assert error["code"] == "input_invalid"
    assert text in error["errors"][name][0]
    assert sim.requests_to("/rest/api/3/search/jql") == []


def test_a_site_without_sprints_says_so(output, sim):
    """The table is empty, and a warning says why."""
    del sim.site.fields["customfield_10020"]
    table = output("sprintReport", jql="project = OPS")
    assert table["data"] == []
    assert "this site has no sprints" in table["metadata"]["warnings"][0]


def test_a_timeline(output, run):
    """Parents, blockers, planned and seen days of the site's own issues, in the query's order."""
    table = run("projectTimeline", jql="project = DEV ORDER BY key ASC", timeZone="UTC")["output1"]
    rows = {row["key"]: row for row in table["data"]}
    assert list(rows)[:3] == ["DEV-1", "DEV-2", "DEV-3"]
    epic, story = rows["DEV-1"], rows["DEV-4"]
    assert (epic["level"], epic["endBasis"], epic["parentKey"]) == ("epic", "dueDate", None)
    children = [row for row in rows.values() if row["parentKey"] == "DEV-1"]
    done = sum(row["statusCategoryKey"] == "done" for row in children)
    assert (epic["children"], epic["childrenDone"]) == (len(children), done)
    assert epic["progressPercent"] == round(100 * done / len(children), 1)
    assert (story["level"], story["parentKey"], story["startBasis"]) == ("issue", "DEV-1", "inProgress")
    assert story["blockedBy"] == ["DEV-9"]
    assert story["url"].endswith("/browse/DEV-4")


def test_a_start_field_can_be_named(output):
    """A field of times counts as well as one of dates."""
    rows = output("projectTimeline", startField="Created")["data"]
    assert {row["startBasis"] for row in rows} == {"startDate"}


def test_a_cut_timeline_says_so(output):
    """Fewer issues than there are is told."""
    metadata = output("projectTimeline", maxIssues=2)["metadata"]
    assert (metadata["count"], metadata["incompleteReason"]) == (2, "maxIssues")
