from __future__ import annotations

from typing import Any

import pytest

from tests.simulator.asking import Asking, new_asking


@pytest.fixture
def ask() -> Asking:
    """The seeded site."""
    return new_asking()


def _parsed(ask: Asking, query: str, **more: str) -> dict[str, Any]:
    answer = ask("POST", "/jql/parse", {"queries": [query]}, **more)
    assert answer.status == 200
    shown: dict[str, Any] = answer.body["queries"][0]
    assert shown["query"] == query
    return shown


def test_a_query_is_shown_as_a_tree(ask: Asking) -> None:
    """Clauses, operands and order come as in Atlassian's example."""
    structure = _parsed(ask, 'summary ~ test AND (labels in (urgent, "a b")) ORDER BY updated DESC')["structure"]
    assert structure == {
        "orderBy": {"fields": [{"direction": "desc", "field": {"encodedName": "updated", "name": "updated"}}]},
        "where": {
            "operator": "and",
            "clauses": [
                {
                    "field": {"encodedName": "summary", "name": "summary"},
                    "operator": "~",
                    "operand": {"encodedValue": "test", "value": "test"},
                },
                {
                    "field": {"encodedName": "labels", "name": "labels"},
                    "operator": "in",
                    "operand": {
                        "encodedOperand": '(urgent, "a b")',
                        "values": [
                            {"encodedValue": "urgent", "value": "urgent"},
                            {"encodedValue": '"a b"', "value": "a b"},
                        ],
                    },
                },
            ],
        },
    }


#: From Atlassian's example of the operation.
_ERRORS = {
    "invalid query": (
        "Error in the JQL Query: Expecting operator but got 'query'. The valid operators are '=', '!=', '<', "
        "'>', '<=', '>=', '~', '!~', 'IN', 'NOT IN', 'IS' and 'IS NOT'. (line 1, character 9)"
    ),
    "summary = test": "The operator '=' is not supported by the 'summary' field.",
    "universe = 42": "Field 'universe' does not exist or you do not have permission to view it.",
    "project = INVALID": "The value 'INVALID' does not exist for the field 'project'.",
}


@pytest.mark.parametrize("query", _ERRORS)
def test_errors_are_those_of_the_example(ask: Asking, query: str) -> None:
    """A query that cannot run answers its errors and no structure."""
    shown = _parsed(ask, query)
    assert shown["errors"] == [_ERRORS[query]]
    assert "structure" not in shown


def test_validation_can_be_softer(ask: Asking) -> None:
    """`warn` takes wrong values as warnings, `none` checks nothing but the grammar."""
    shown = _parsed(ask, "project = INVALID", validation="warn")
    assert shown["warnings"] == [_ERRORS["project = INVALID"]]
    assert "errors" not in shown
    assert "errors" in _parsed(ask, "universe = 42", validation="warn")
    assert "structure" in _parsed(ask, "universe = 42", validation="none")
    assert "errors" in _parsed(ask, "invalid query", validation="none")
    assert ask("POST", "/jql/parse", {"queries": ["a = 1"]}, validation="maybe").status == 400


@pytest.mark.parametrize("body", [{}, {"queries": "a"}, {"queries": [1]}, {"queries": ["a = 1"], "x": 1}, []])
def test_wrong_bodies_are_refused(ask: Asking, body: Any) -> None:
    """The body is a list of queries and nothing else."""
    assert ask("POST", "/jql/parse", body).status == 400
