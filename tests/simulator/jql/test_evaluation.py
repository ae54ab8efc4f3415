from __future__ import annotations

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.simulator.asking import Asking, new_asking
from vantage_jira_plugin.simulator.jql.errors import JqlError
from vantage_jira_plugin.simulator.jql.evaluation import compile_query
from vantage_jira_plugin.simulator.jql.parser import parse
from vantage_jira_plugin.simulator.searchindex import indexed


@pytest.fixture
def ask() -> Asking:
    """The seeded site."""
    return new_asking()


#: Queries and the keys that they find, in order where the query gives one.
_FOUND = {
    "project = DEV and status = Done order by key": "DEV-3 DEV-6 DEV-8 DEV-10 DEV-11 DEV-21",
    'project = "Device Platform" and type = Epic order by key desc': "DEV-2 DEV-1",
    "project = 10001 and issuetype in (Epic, Sub-task) order by key": "OPS-1 OPS-7",
    "key in (dev-1, OPS-2) order by created": "DEV-1 OPS-2",
    "key >= DEV-22 and project = DEV order by key": "DEV-22 DEV-23 DEV-24",
    "priority > Medium and project = OPS order by priority desc": "OPS-4 OPS-2",
    "priority in (Lowest, 4) order by priority, key desc": "DEV-14 OPS-10 DEV-21 DEV-8",
    "assignee = currentUser() order by key": "DEV-1 DEV-9 DEV-23",
    "assignee is empty and project = OPS order by key": "OPS-6 OPS-10",
    "assignee not in (currentUser(), empty) and project = OPS and type = Epic": "OPS-1",
    "assignee in membersOf(developers) and status = 'In Review' order by key": "DEV-7 DEV-13",
    "reporter = 'ruth.adler@example.com' order by key": "DEV-15 DEV-22 OPS-4",
    "creator = 'Elena Petrova' and labels is not empty": "DEV-24 DEV-7",
    "labels = payments and labels != mobile order by key": "DEV-1 DEV-4 DEV-7 DEV-9",
    "labels in (crash, search) order by key": "DEV-6 DEV-15",
    "component = API order by key": "DEV-3 DEV-4 DEV-7",
    "fixVersion = 1.0 order by key": "DEV-3 DEV-6",
    "fixVersion > 1.0 order by fixVersion, key": "DEV-4 DEV-7 DEV-18 DEV-20",
    "fixVersion in releasedVersions() order by key": "DEV-3 DEV-6",
    "parent = DEV-1 order by key": "DEV-3 DEV-4 DEV-5 DEV-7 DEV-9",
    "parent in (DEV-2, DEV-3) and statusCategory = 'To Do'": "DEV-12",
    "statusCategory = indeterminate and project = OPS order by key": "OPS-1 OPS-2 OPS-8",
    "resolution = Unresolved and project = OPS and priority != Medium order by key": "OPS-2 OPS-10",
    "resolved >= -60d and resolved <= now() and project = OPS order by key": "OPS-3 OPS-4",
    "due < now() order by due": "DEV-9 OPS-5",
    "due = startOfDay('-1d')": "OPS-5",
    "created >= -5d order by created": "HR",
    "sprint in openSprints() order by key": "DEV-4 DEV-7 DEV-13",
    'sprint = "DEV Sprint 1" and type != Sub-task order by key': "DEV-3 DEV-6",
    '"Story Points" >= 5 order by "Story Points" desc, key': "DEV-3 DEV-4 DEV-13",
    "cf[10010] = 2": "DEV-6",
    "Severity in (Critical) order by key": "DEV-6 OPS-4",
    "Customer ~ globex order by key": "DEV-6 OPS-4",
    "Team = 'Mobile squad'": "DEV-3",
    "Team = Instruments": "DEV-1",
    "'Affected systems' = Mail": "OPS-4",
    "Reviewer = 'Jun Watanabe'": "DEV-3",
    "'Release notes' ~ network": "DEV-13",
    "summary ~ pay order by key": "DEV-3 DEV-4",
    'summary ~ "pay*" order by key': "DEV-1 DEV-3 DEV-4 DEV-5",
    r'text ~ "\"flight mode\""': "DEV-6",
    "comment ~ lawyer": "DEV-9",
    "description is empty and labels = payments order by key": "DEV-4 DEV-7 DEV-9",
    "summary !~ payment and parent = DEV-1 and priority = High order by key": "DEV-3 DEV-7",
    "status was 'In Progress' and status = Waiting": "OPS-2",
    "status was not 'In Progress' and assignee is not empty and project = OPS order by key": "OPS-5 OPS-7 OPS-9",
    "status was in (Waiting, 'In Review') and status != Done order by key": "DEV-7 DEV-13 OPS-2",
    "status changed to Done after -20d order by key": "DEV-3 DEV-6 DEV-8 DEV-10 DEV-11 DEV-21 OPS-3 OPS-4",
    "status changed from 'In Progress' to Waiting": "OPS-2",
    "status changed by 'Elena Petrova' order by key": "DEV-8 DEV-17",
    "not (project = DEV) and not type in (Task, Epic, Sub-task) and priority = Low": "OPS-10",
    "project = OPS and updated >= 1700000000000 and updated < '2100-01-01' and type = Epic": "OPS-1",
    "'Start date' = '2026-01-15'": "DEV-19",
    "project = DEV and type = Epic order by rank": "DEV-1 DEV-2",
    "not assignee != currentUser() order by key": "DEV-1 DEV-9 DEV-23",
    'text ~ "pay OR \\"flight mode\\"" order by key': "DEV-1 DEV-3 DEV-4 DEV-6",
}


@pytest.mark.parametrize("jql", _FOUND)
def test_queries_find_what_they_ask_for(ask: Asking, jql: str) -> None:
    """Every field, operator and function of the table finds the seeded issues that fit."""
    expected = _FOUND[jql].split()
    if expected == ["HR"]:
        expected = ["DEV-23", "OPS-10", "DEV-24"]
    found = ask.keys(jql)
    assert found == expected if "order by" in jql else sorted(found) == sorted(expected)


_REFUSED = {
    "colour = red": "Field 'colour' does not exist or you do not have permission to view it.",
    "cf[99999] = 1": "Field 'cf[99999]' does not exist or you do not have permission to view it.",
    "project = NOPE": "The value 'NOPE' does not exist for the field 'project'.",
    "project = HR": "The value 'HR' does not exist for the field 'project'.",
    "project = 99999": "A value with ID '99999' does not exist for the field 'project'.",
    "status = Nope": "The value 'Nope' does not exist for the field 'status'.",
    "assignee = nobody": "The value 'nobody' does not exist for the field 'assignee'.",
    "status ~ x": "The operator '~' is not supported by the 'status' field.",
    "summary = x": "The operator '=' is not supported by the 'summary' field.",
    "labels > a": "The operator '>' is not supported by the 'labels' field.",
    "summary in test": "The operator 'in' is not supported by the 'summary' field.",
    "status in test": "Operator 'in' does not support the non-list value '\"test\"' for field 'status'.",
    "status = (a, b)": "Operator '=' does not support the list value '(a, b)' for field 'status'.",
    "key = DEV-999": "An issue with key 'DEV-999' does not exist for field 'key'.",
    "key = HR-1": "An issue with key 'HR-1' does not exist for field 'key'.",
    "key = abc": "The issue key 'abc' for field 'key' is invalid.",
    "Severity = Mild": "The option 'Mild' for field 'Severity' does not exist.",
    "sprint = Nope": "Sprint with name 'Nope' does not exist or you do not have permission to view it.",
    "assignee = nobody()": "Unable to find JQL function 'nobody()'.",
    "assignee = currentUser(1)": "Function 'currentUser' expected '0' arguments but received '1'.",
    "status = currentUser()": ("A value provided by the function 'currentUser' is invalid for the field 'status'."),
    "created > soon": (
        "Date value 'soon' for field 'created' is invalid. Valid formats include: 'yyyy/MM/dd HH:mm', "
        "'yyyy-MM-dd HH:mm', 'yyyy/MM/dd', 'yyyy-MM-dd', or a period format e.g. '-5d', '4w 2d'."
    ),
    "project = DEV order by colour": ("Field 'colour' does not exist or you do not have permission to view it."),
    "project = DEV order by comment": "Not able to sort using field 'comment'.",
    "summary ~ '*x'": ("The text query '*x' for field 'summary' is not allowed to start with character '*'."),
}


@pytest.mark.parametrize("jql", _REFUSED)
def test_queries_are_refused_in_jiras_words(ask: Asking, jql: str) -> None:
    """Unknown fields, values, functions and operators are told to a signed-in caller."""
    assert ask.complaints(jql) == [_REFUSED[jql]]


def test_all_errors_are_told_at_once(ask: Asking) -> None:
    """A query with several faults answers a text for each."""
    assert len(ask.complaints("colour = red and project = NOPE order by taste")) == 3


def test_more_than_seven_sorts_are_refused(ask: Asking) -> None:
    """ORDER BY takes seven fields, not eight."""
    names = ["key", "created", "updated", "due", "priority", "status", "summary", "type"]
    assert ask.keys(f"project = DEV order by {', '.join(names[:7])}")
    assert ask.complaints(f"project = DEV order by {', '.join(names)}")


def test_dates_belong_to_the_callers_zone(ask: Asking) -> None:
    """The same date finds an issue for one caller and not for another, east of the first."""
    ask.site.create_issue(
        ask.site.projects["10000"],
        {"issuetype": "10003", "summary": "Late"},
        ask.account_id,
        at=ask.clock.at,
    )
    query = 'summary ~ Late and created >= "2026-11-24 20:00"'
    assert ask.keys(query) == []
    ask.account_id = ask.person("Jun")  # 21:00 in Tokyo
    assert len(ask.keys(query)) == 1


def test_dates_are_exact_to_the_minute(ask: Asking) -> None:
    """An update half a minute past is after its minute, and in it."""
    key = ask.create(summary="Exact")["key"]
    ask.clock.at += 30
    ask("PUT", f"/issue/{key}", {"fields": {"labels": ["now"]}})
    assert ask.keys(f'key = {key} and updated >= "2026-11-24 07:00"')
    assert not ask.keys(f'key = {key} and updated <= "2026-11-24 07:00"')
    assert ask.keys(f'key = {key} and updated = "2026-11-24 07:00"')


#: Clauses and what `not` makes of them: the opposite operator, which passes over issues without a value.
_OPPOSITES = {
    "project = DEV": "project != DEV",
    "assignee is empty": "assignee is not empty",
    "priority >= High": "priority < High",
    "labels = payments": "labels != payments",
    "labels != payments": "labels = payments",
    "statusCategory = Done": "statusCategory not in (Done)",
    "type in (Bug, Task)": "type not in (Bug, Task)",
    "assignee in (currentUser(), empty)": "assignee not in (currentUser(), empty)",
    "assignee not in (currentUser())": "assignee in (currentUser())",
    "due is not empty": "due is empty",
    "due > 0d": "due <= 0d",
    "summary ~ payment": "summary !~ payment",
    "'Story Points' < 4": "'Story Points' >= 4",
    "fixVersion = empty": "fixVersion != empty",
    "status was Done": "status was not Done",
    "assignee was in (currentUser())": "assignee was not in (currentUser())",
}


@given(st.sampled_from(list(_OPPOSITES)), st.sampled_from(list(_OPPOSITES)))
def test_connectives_are_sets(first: str, second: str) -> None:
    """`and` and `or` find the intersection and the union, `not` what the opposite operators find."""
    ask = _SHARED
    one, other = _all(ask, first), _all(ask, second)
    assert _all(ask, f"{first} and {second}") == one & other
    assert _all(ask, f"{first} or {second}") == one | other
    not_one, not_other = _all(ask, _OPPOSITES[first]), _all(ask, _OPPOSITES[second])
    assert _all(ask, f"not {first}") == not_one
    assert _all(ask, f"not not {first}") == one
    assert _all(ask, f"not ({first} and {second})") == not_one | not_other
    assert _all(ask, f"not ({first} or {second})") == not_one & not_other
    assert _all(ask, f"not ({first} and not {second})") == not_one | other


@pytest.mark.parametrize("clause", ["text ~ payment", "status changed"])
def test_not_without_an_opposite_finds_the_rest(clause: str) -> None:
    """Where a field has no opposite operator, `not` finds every issue that the clause does not find."""
    found = _all(_SHARED, clause)
    assert found
    assert _all(_SHARED, f"not {clause}") == _all(_SHARED, "project in (DEV, OPS)") - found


def test_refusal_under_not_names_the_operator_as_written(ask: Asking) -> None:
    """What is wrong with a clause under `not` is told of the operator of the query."""
    assert ask.complaints("not status ~ x") == ["The operator '~' is not supported by the 'status' field."]


def test_escaped_character_beyond_the_basic_plane_is_read(ask: Asking) -> None:
    """Two escapes make one character; half of one is a value like any other that is not there."""
    ask.create(labels=["\U0001f600"])
    assert len(ask.keys(r'labels = "\ud83d\ude00"')) == 1
    assert ask.complaints(r'project = "\ud83d"') == ["The value '\ufffd' does not exist for the field 'project'."]


@pytest.mark.parametrize("field", ["created", "updated", "resolutiondate"])
@pytest.mark.parametrize(
    ("operator", "expected"),
    [("=", {1}), ("!=", {0, 2}), ("<", {0}), ("<=", {0, 1}), (">", {2}), (">=", {1, 2})],
)
def test_whole_numbers_are_milliseconds(ask: Asking, field: str, operator: str, expected: set[int]) -> None:
    """A date as a whole number is compared to the millisecond, as written or in quotes."""
    at = ask.clock.at + 0.456
    issues = []
    for step in (-0.001, 0, 0.001):
        issue = ask.site.create_issue(
            ask.site.projects["10000"],
            {"issuetype": "10003", "summary": "x", "resolutiondate": round(at + step, 3)},
            ask.account_id,
            at=at + step,
        )
        issues.append(issue.key)
    among = f"key in ({', '.join(issues)})"
    for written in (f"{round(at * 1000)}", f"'{round(at * 1000)}'"):
        found = ask.keys(f"{among} and {field} {operator} {written}")
        assert set(found) == {issues[place] for place in expected}
    assert set(ask.keys(f"{among} and {field} in ({round(at * 1000)}, 5)")) == {issues[1]}


def test_times_are_kept_as_they_are_shown(ask: Asking) -> None:
    """Milliseconds of an answer, asked for in a query, find the issue, whatever the clock has beyond them."""
    ask.clock.at += 0.123_987
    created = ask.create()
    shown = ask("GET", f"/issue/{created['key']}", fields="created").body["fields"]["created"]
    milliseconds = round(datetime.fromisoformat(shown).timestamp() * 1000)
    assert milliseconds % 1000 == 123
    assert ask.keys(f"created <= {milliseconds} and created >= {milliseconds}") == [created["key"]]


def test_texts_mean_minutes(ask: Asking) -> None:
    """A date and time as text equals all of its minute."""
    for second in (0, 59.999, 60):
        ask.site.create_issue(
            ask.site.projects["10000"],
            {"issuetype": "10003", "summary": f"zebra {second}"},
            ask.account_id,
            at=ask.clock.at - 3_600 + second,
        )
    # Mara lives in New York: noon UTC is seven in the morning.
    assert len(ask.keys("summary ~ zebra and created = '2026-11-24 06:00'")) == 2
    assert len(ask.keys("summary ~ zebra and created != '2026-11-24 06:00'")) == 1


@pytest.mark.parametrize("field", ["id", "key", "issuekey"])
@pytest.mark.parametrize(
    ("operator", "expected"),
    [
        ("<", ["OPS-2", "OPS-1"]),
        ("<=", ["OPS-3", "OPS-2", "OPS-1"]),
        (">", [f"OPS-{number}" for number in range(10, 3, -1)]),
        (">=", [f"OPS-{number}" for number in range(10, 2, -1)]),
    ],
)
def test_issues_are_compared_within_their_project(ask: Asking, field: str, operator: str, expected: list[str]) -> None:
    """The operand is an issue, and what matches has a smaller or larger number of the same project."""
    issue = ask.site.find_issue("OPS-3")
    assert issue is not None
    for written in ("OPS-3", str(issue.id)):
        assert ask.keys(f"{field} {operator} {written}") == expected
    assert ask.complaints(f"{field} {operator} 99999") == [
        f"An issue with ID '99999' does not exist for field '{field}'."
    ]


def test_a_moved_issue_has_the_number_of_its_new_project(ask: Asking) -> None:
    """Numbers count, not ids: an old issue with a new key comes last."""
    old = ask.site.find_issue("DEV-1")
    assert old is not None
    ask.site.move_issue(old, "OPS", ask.account_id)
    assert ask.keys("key > OPS-9") == ["OPS-10", "OPS-11"]


def test_issues_of_the_same_millisecond_keep_their_order(ask: Asking) -> None:
    """By creation they come as they were made, and backwards when falling."""
    keys = [ask.create(summary="zebra")["key"] for _ in range(5)]
    assert ask.keys("summary ~ zebra order by created") == keys
    assert ask.keys("summary ~ zebra order by created desc") == keys[::-1]
    assert ask.keys("summary ~ zebra order by project, createdDate") == keys


def test_without_an_order_the_newest_come_first(ask: Asking) -> None:
    """The order of a query that names none is that of ids, falling."""
    found = ask("POST", "/search/jql", {"jql": "project in (DEV, OPS)"}).body["issues"]
    ids = [int(issue["id"]) for issue in found]
    assert ids == sorted(ids, reverse=True)


_SHARED = new_asking()


def _all(ask: Asking, jql: str) -> set[int]:
    compiled = compile_query(ask.site, ask.account_id, parse(jql))
    return {issue.id for issue in compiled.run(indexed(ask.site, ask.account_id, frozenset()))}


@given(
    st.sampled_from(["status", "key", "created", "due", "text", "Team", "'Story Points'", "sprint", "parent"]),
    st.sampled_from(["=", "!=", "<", ">=", "~", "in", "is", "was", "changed"]),
    st.sampled_from(["x", "''", "(1, 2)", "empty", "currentUser()", "now()", "-1d", "DEV-1", "f(a)", "(empty, Done)"]),
)
def test_any_clause_runs_or_is_refused(field: str, operator: str, operand: str) -> None:
    """A clause of any field, operator and operand runs, or is refused with a text."""
    query = parse(f"{field} {operator} {'' if operator == 'changed' else operand}")
    try:
        compiled = compile_query(_SHARED.site, _SHARED.account_id, query)
    except JqlError as error:
        assert all(error.messages)
    else:
        compiled.run(indexed(_SHARED.site, _SHARED.account_id, frozenset()))
