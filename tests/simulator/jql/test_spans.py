from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.simulator.asking import NOON, Asking, new_asking
from vantage_jira_plugin.simulator.histories import many_issues
from vantage_jira_plugin.simulator.jql.evaluation import compile_query
from vantage_jira_plugin.simulator.jql.parser import parse
from vantage_jira_plugin.simulator.searchindex import indexed
from vantage_jira_plugin.simulator.seen import Seen

_DAY = 86_400


def _asking() -> Asking:
    ask = new_asking()
    many_issues(ask.site, 300)
    return ask


_SHARED = _asking()
_ISSUES = sorted(_SHARED.site.issues.values(), key=lambda issue: issue.values["created"])
_CREATED = [issue.values["created"] for issue in _ISSUES]
_BOUNDS = st.tuples(
    st.sampled_from(["created", "createdDate", "CREATED"]),
    st.sampled_from(["=", "!=", "<", "<=", ">", ">="]),
    st.one_of(
        st.sampled_from(_CREATED).map(lambda at: str(round(at * 1000))),
        st.integers(min_value=0, max_value=800).map(lambda days: f'"-{days}d"'),
        st.sampled_from(["startOfYear()", "endOfMonth(-3)", '"2026-03-01"', '"2025-07-04 12:30"']),
    ),
).map(" ".join)
_OTHERS = st.sampled_from(["project = DEV", "status = Done", "created is not empty", "resolution is empty"])
_CLAUSES = st.recursive(
    _BOUNDS | _OTHERS,
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from([" and ", " or "]), inner).map(lambda parts: f"({''.join(parts)})"),
        inner.map(lambda clause: f"not ({clause})"),
    ),
    max_leaves=5,
)


@given(_CLAUSES)
def test_no_issue_beyond_the_span_matches(jql: str) -> None:
    """Whatever the query, looking at the span alone finds what looking at all issues finds."""
    site, account_id = _SHARED.site, _SHARED.account_id
    compiled = compile_query(site, account_id, parse(jql))
    whole = compiled.run(indexed(site, account_id, frozenset()))
    assert compiled.run(indexed(site, account_id, frozenset(), compiled.created)) == whole


@pytest.mark.parametrize(
    ("jql", "span"),
    [
        ("created >= 1000 and created <= 2000", (1.0, 2.0)),
        ("created >= 1000 and created < 2000", (1.0, math.nextafter(2.0, 0.0))),
        (
            "project = DEV and (created > 1000 and (created <= 3000 and createdDate < 2000))",
            (math.nextafter(1.0, 2.0), math.nextafter(2.0, 0.0)),
        ),
        ("created = 1500", (1.5, 1.5)),
        ("created = -1d", (NOON - _DAY, math.nextafter(NOON - _DAY + 60, 0.0))),
        ("created > -1d", (math.nextafter(NOON - _DAY, math.inf), math.inf)),
        ("created < 1000 or project = DEV", (-math.inf, math.inf)),
        ("not created < 1000", (-math.inf, math.inf)),
        ("created in (1000, 2000)", (-math.inf, math.inf)),
        ("updated >= 1000", (-math.inf, math.inf)),
        ("order by created", (-math.inf, math.inf)),
    ],
)
def test_bounds_that_all_matches_keep_make_the_span(jql: str, span: tuple[float, float]) -> None:
    """Only bounds that every match keeps count; others make it no narrower."""
    assert compile_query(_SHARED.site, _SHARED.account_id, parse(jql)).created == span


def test_another_field_called_created_widens_the_span() -> None:
    """Where a custom field shares the name, its dates may match as well."""
    ask = new_asking()
    field = ask.site.add_field("Created", "datetime")
    issue = ask.site.find_issue("DEV-2")
    ask.site.change_issue(issue, {field.id: 1.0}, ask.account_id)
    assert ask.keys("created < 2000") == [issue.key]


def test_only_the_span_is_looked_at() -> None:
    """A narrow query is given few issues."""
    first, last = _CREATED[100], _CREATED[110]
    jql = f"project = DEV and created >= {round(first * 1000)} and created < {round(last * 1000)}"
    compiled = compile_query(_SHARED.site, _SHARED.account_id, parse(jql))
    candidates = indexed(_SHARED.site, _SHARED.account_id, frozenset(), compiled.created)
    assert [issue for issue, _values in candidates] == _ISSUES[100:110]


@given(_CLAUSES)
def test_what_is_beyond_time_and_project_decides_the_rest(jql: str) -> None:
    """Issues of the time and the projects that fulfil the rest of a query are those that fulfil all of it."""
    site, account_id = _SHARED.site, _SHARED.account_id
    compiled = compile_query(site, account_id, parse(jql))
    whole = compiled.run(indexed(site, account_id, frozenset()))
    seen = indexed(site, account_id, frozenset(), compiled.created, compiled.project_ids)
    assert isinstance(seen, Seen)
    assert {issue.id for issue in compiled.beyond(seen.listed())} == {issue.id for issue in whole}


@pytest.mark.parametrize(
    ("jql", "keys", "rest"),
    [
        ("project = DEV", {"DEV"}, 0),
        ("project = 'Device Platform' and created > 1000", {"DEV"}, 0),
        ("spaceJira in (DEV, OPS) and project in (OPS, 'Device Platform', empty)", {"DEV", "OPS"}, 0),
        ("project in (DEV, OPS) and project = OPS", {"OPS"}, 0),
        ("project = DEV and project = OPS", set(), 0),
        ("project = DEV and (status = Done and created < 1000)", {"DEV"}, 1),
        ("project != DEV", None, 1),
        ("project is not empty", None, 1),
        ("not project = DEV", None, 1),
        ("project = DEV or project = OPS", None, 1),
        ("created in (1000, 2000) and created != 1000", None, 2),
    ],
)
def test_projects_that_all_matches_are_in_are_known(jql: str, keys: set[str] | None, rest: int) -> None:
    """Only projects that are named and demanded count; what says anything else is left over."""
    compiled = compile_query(_SHARED.site, _SHARED.account_id, parse(jql))
    projects = _SHARED.site.projects
    assert keys == (None if compiled.project_ids is None else {projects[one].key for one in compiled.project_ids})
    assert (len(compiled.rest), len(compiled.rest_tests)) == (rest, rest)


def test_another_field_called_project_is_looked_at() -> None:
    """Where a custom field shares the name, its values may match as well."""
    ask = new_asking()
    field = ask.site.add_field("Project", "labels")
    issue = ask.site.find_issue("OPS-2")
    ask.site.change_issue(issue, {field.id: ("DEV",)}, ask.account_id)
    assert issue.key in ask.keys("project = DEV", maxResults=100)
    assert ask("POST", "/search/approximate-count", {"jql": "project = DEV"}).body == {"count": 25}
