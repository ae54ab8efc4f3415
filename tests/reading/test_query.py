from __future__ import annotations

import pytest

from tests.reading.fakejira import FakeJira
from vantage_jira_plugin.errors import InputError, ProjectNotAllowedError
from vantage_jira_plugin.reading.query import Query, query_of
from vantage_jira_plugin.reading.slices import Slice

_QUERY = Query("type = Bug", "ORDER BY created DESC", ("summary", "created"))


# ---- what is sent ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "part", "jql"),
    [
        (_QUERY, Slice(), "type = Bug ORDER BY created DESC"),
        (_QUERY, Slice(1, 2), "(type = Bug) AND created >= 60000 AND created < 120000 ORDER BY created DESC"),
        (Query("a = 1 OR b = 2", "", ()), Slice(1, None), "(a = 1 OR b = 2) AND created >= 60000"),
        (Query("", "ORDER BY key", ()), Slice(None, 2), "created < 120000 ORDER BY key"),
    ],
)
def test_a_slice_narrows_the_query_as_a_whole(query, part, jql):
    """Its bounds hold for all clauses; the order stays behind them."""
    assert query.jql(part) == jql


def test_what_was_just_written_is_named_with_each_page():
    """Where nothing was, the member is not there at all."""
    assert "reconcileIssues" not in _QUERY.body(Slice())
    query = Query("a = 1", "", ("id",), (10_001, 10_002))
    assert query.body(Slice(1, 2))["reconcileIssues"] == [10_001, 10_002]
    assert query.body(Slice(), ["id"]) == {"jql": "a = 1", "fields": ["id"], "reconcileIssues": [10_001, 10_002]}


# ---- what is asked for ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("jql", "fields", "query"),
    [
        ("a = 1", ["summary"], Query("a = 1", "ORDER BY created DESC", ("summary", "created"))),
        ("a = 1 ORDER BY key", ["summary"], Query("a = 1", "ORDER BY key", ("summary",))),
        (
            "a = 1 order by created",
            ["created", "summary"],
            Query("a = 1", "order by created", ("created", "summary")),
        ),
        ("a = 1", ["id"], Query("a = 1", "ORDER BY created DESC", ("id",))),
        ("a = 1", ["*all"], Query("a = 1", "ORDER BY created DESC", ("*all",))),
        ("a = 1", ["-comment"], Query("a = 1", "ORDER BY created DESC", ("-comment",))),
        ("a = 1", ["*all", "-created"], Query("a = 1", "ORDER BY created DESC", ("*all", "-created"))),
        ("a = 1)", ["summary"], Query("a = 1)", "", ("summary",))),
    ],
)
def test_a_query_asks_for_what_slices_need(jql, fields, query):
    """When an issue was created, where that is the order; what makes no sense goes to Jira as it is."""
    assert query_of(FakeJira([]), jql, fields) == query


def test_a_query_is_confined_to_what_the_settings_allow():
    """Before anything is sent, and slices are narrower still."""
    jira = FakeJira([], allowed=frozenset({"DEV"}))
    assert query_of(jira, "a = 1 ORDER BY key", ["id"]).clauses == 'project in ("DEV") AND (a = 1)'
    with pytest.raises(InputError, match="jql"):
        query_of(jira, "a = 1) OR (b = 2", ["id"])
    with pytest.raises(ProjectNotAllowedError):
        query_of(FakeJira([], allowed=frozenset()), "a = 1", ["id"])


# ---- what its text tells --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("order", "newest_first"),
    [("ORDER BY created DESC", True), ("order by created asc, key", False), ("ORDER BY created", None), ("", None)],
)
def test_the_direction_is_what_the_order_says(order, newest_first):
    """What it leaves unsaid is seen from the pages."""
    assert Query("a = 1", order, ("created",)).newest_first is newest_first


@pytest.mark.parametrize(
    ("order", "fields", "by_created"),
    [
        ("ORDER BY created", ["summary"], True),
        ("", ["summary"], True),
        ("ORDER BY created", ["*all"], True),
        ("ORDER BY created", ["*all", "-created"], False),
        ("ORDER BY created", ["id", "key"], False),
        ("ORDER BY updated", ["created"], False),
    ],
)
def test_slices_need_an_order_and_issues_that_say_where_they_stand(order, fields, by_created):
    """Both are there wherever the caller leaves room for that."""
    assert query_of(FakeJira([]), f"a = 1 {order}", fields).by_created is by_created
