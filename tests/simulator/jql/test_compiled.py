from __future__ import annotations

from array import array
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vantage_jira_plugin.simulator.issues import Issue
from vantage_jira_plugin.simulator.jql.compiled import Compiled

if TYPE_CHECKING:
    from collections.abc import Callable

_MAYBE = st.one_of(st.none(), st.integers(min_value=0, max_value=3))
_SORTS = st.lists(st.tuples(st.sampled_from("abc"), st.booleans()), max_size=3)


def _held(name: str) -> Callable[[Issue, Any], Any]:
    return lambda _issue, values: values[name]


@given(
    st.lists(st.fixed_dictionaries({"a": _MAYBE, "b": _MAYBE, "c": _MAYBE}), max_size=12),
    _SORTS,
    st.sampled_from([0, 1]),
)
def test_issues_come_by_one_field_after_the_other(
    made: list[dict[str, Any]], sorts: list[tuple[str, bool]], rising: int
) -> None:
    """The order is that of sorting by the last field first; missing values are the greatest, and ids decide last."""
    issues = [Issue(number, "", number, "1", values, 0.0) for number, values in enumerate(made)]
    compiled = Compiled((), tuple((_held(name), descending) for name, descending in sorts), rising=bool(rising))
    expected = sorted(issues, key=lambda issue: issue.id, reverse=not rising)
    for name, descending in reversed(sorts):
        expected.sort(key=lambda issue: (issue.values[name] is None, issue.values[name] or 0), reverse=descending)
    assert compiled.run((issue, issue.values) for issue in issues) == expected


def test_ids_are_put_in_order_where_that_takes_no_issues() -> None:
    """Without an order the greatest comes first; by creation they come as they are, or backwards."""
    ids = array("q", [5, 3, 9])
    hold = _held("created")
    assert list(Compiled(()).ordered_ids(ids) or ()) == [9, 5, 3]
    assert list(Compiled((), ((hold, False),), by_creation=True).ordered_ids(ids) or ()) == [5, 3, 9]
    assert list(Compiled((), ((hold, True),), by_creation=True).ordered_ids(ids) or ()) == [9, 3, 5]
    assert Compiled((), ((hold, True),)).ordered_ids(ids) is None


@pytest.mark.parametrize("count", [0, 1, 2])
def test_every_test_must_be_passed(count: int) -> None:
    """What fails one of the tests is not found."""
    issues = [Issue(number, "", number, "1", {}, 0.0) for number in range(12)]
    tests = [lambda issue, _values: issue.id % 2 == 0, lambda issue, _values: issue.id % 3 == 0][:count]
    found = Compiled((), rest_tests=tuple(tests)).beyond(issues)
    assert [issue.id for issue in found] == list(range(0, 12, (1, 2, 6)[count]))
