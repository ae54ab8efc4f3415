from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from vantage_jira_plugin.simulator.creations import Creations

_TIMES = st.integers(min_value=0, max_value=50).map(float)


@given(st.lists(_TIMES, max_size=30), st.sets(st.integers(min_value=0, max_value=40)), _TIMES, _TIMES)
def test_a_span_holds_what_was_created_in_it(times: list[float], gone: set[int], first: float, last: float) -> None:
    """Both ends count, the oldest comes first, and what was removed is not there."""
    creations = Creations()
    for number, at in enumerate(times):
        creations.add(at, number)
    for number in gone:
        if number < len(times):
            creations.remove(times[number], number)
    expected = sorted((at, number) for number, at in enumerate(times) if first <= at <= last and number not in gone)
    assert creations.within((first, last)) == [number for _at, number in expected]


def test_what_is_not_there_can_be_removed() -> None:
    """Removing another time or another issue changes nothing."""
    creations = Creations()
    creations.add(5.0, 1)
    creations.remove(5.0, 2)
    creations.remove(4.0, 1)
    assert creations.within((0.0, 9.0)) == [1]
