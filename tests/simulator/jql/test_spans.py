from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.simulator.asking import NOON, Asking, new_asking
from vantage_jira_plugin.simulator.histories import many_issues
from vantage_jira_plugin.simulator.jql.evaluation import compile_query
from vantage_jira_plugin.simulator.jql.parser import parse

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
    whole = compiled.run(site.indexed(account_id, frozenset()))
    assert compiled.run(site.indexed(account_id, frozenset(), compiled.created)) == whole


@pytest.mark.parametrize(
    ("jql", "span"),
    [
        ("created >= 1000 and created < 2000", (1.0, 2.0)),
        ("project = DEV and (created > 1000 and (created <= 3000 and createdDate < 2000))", (1.0, 2.0)),
        ("created = 1500", (1.5, 1.5)),
        ("created > -1d", (NOON - _DAY, math.inf)),
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
    candidates = _SHARED.site.indexed(_SHARED.account_id, frozenset(), compiled.created)
    assert [issue for issue, _values in candidates] == _ISSUES[100:111]
