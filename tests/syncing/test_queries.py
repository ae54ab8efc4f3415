"""The queries of a synchronisation."""

from __future__ import annotations

import pytest

from vantage_jira_plugin.errors import InputError
from vantage_jira_plugin.syncing.queries import census_query, chain_query, clauses_of, picked_query
from vantage_jira_plugin.syncing.window import Chain

_CLAUSES = "project = A OR project = B"


def test_reads_are_bounded_by_epoch_milliseconds_and_ordered():
    """No query holds a local time, and the restriction of the caller stays one piece."""
    assert chain_query(_CLAUSES, Chain("whole", 1)) == f"{_CLAUSES} ORDER BY created ASC, key ASC"
    assert (
        chain_query(_CLAUSES, Chain("changes", 1, from_ms=60_000))
        == f"({_CLAUSES}) AND updated >= 60000 ORDER BY updated ASC, key ASC"
    )
    assert (
        chain_query(_CLAUSES, Chain("whole", 1, from_ms=60_000))
        == f"({_CLAUSES}) AND created >= 60000 ORDER BY created ASC, key ASC"
    )
    assert census_query(_CLAUSES) == f"{_CLAUSES} ORDER BY key ASC"
    assert picked_query(_CLAUSES, [1, 2]) == f"({_CLAUSES}) AND id in (1, 2)"


@pytest.mark.parametrize(
    ("jql", "word"),
    [
        ("project = A ORDER BY created", "ORDER BY"),
        ("order  by\nkey", "ORDER BY"),
        ("   ", "restriction"),
        ("project = A) OR (project = B", "matching"),
        ("(project = A", "matching"),
        ('summary ~ "a', "matching"),
    ],
)
def test_a_query_that_cannot_be_bounded_is_refused(jql, word):
    """An order of its own, nothing, and what does not stand in parentheses are refused, naming `jql`."""
    with pytest.raises(InputError, match=word) as caught:
        clauses_of(jql)
    assert list(caught.value.errors) == ["jql"]


def test_an_order_in_quotes_is_none():
    """The words in a value are no order."""
    assert clauses_of(' summary ~ "order by" ') == 'summary ~ "order by"'
