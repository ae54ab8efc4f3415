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
    assert list(creations.within((first, last))) == [number for _at, number in expected]
    assert creations.count((first, last)) == len(expected)


def test_what_is_not_there_can_be_removed() -> None:
    """Removing another time, another issue or from another shelf changes nothing."""
    creations = Creations()
    creations.add(5.0, 1)
    creations.remove(5.0, 2)
    creations.remove(4.0, 1)
    creations.remove(5.0, 1, "other")
    assert list(creations.within((0.0, 9.0))) == [1]


@given(
    st.lists(st.tuples(_TIMES, st.sampled_from("abc")), max_size=30),
    st.sets(st.sampled_from("abcd")),
    _TIMES,
    _TIMES,
)
def test_shelves_are_asked_together(made: list[tuple[float, str]], asked: set[str], first: float, last: float) -> None:
    """Issues of some shelves come as if they stood on one, and are counted likewise; a shelf may be unknown."""
    creations = Creations()
    for number, (at, shelf) in enumerate(made):
        creations.add(at, number, shelf)
    expected = sorted((at, number) for number, (at, shelf) in enumerate(made) if first <= at <= last and shelf in asked)
    assert list(creations.within((first, last), asked)) == [number for _at, number in expected]
    assert creations.count((first, last), asked) == len(expected)
    assert len(creations) == len(made)


def test_large_shelves_are_sorted_together() -> None:
    """The order is the same where too many issues of other shelves come in between to be put there one by one."""
    creations = Creations()
    for number in range(500):
        creations.add(float(number * 7 % 100), number, "ab"[number % 2])
    expected = sorted((float(number * 7 % 100), number) for number in range(500))
    assert list(creations.within((0.0, 99.0))) == [number for _at, number in expected]


def test_what_comes_in_order_is_taken_as_it_is() -> None:
    """A shelf is made of entries in one go."""
    creations = Creations.of([(1.0, 7), (1.0, 9), (2.0, 3)])
    assert list(creations.within((0.0, 1.0))) == [7, 9]
    assert creations.count((1.5, 9.0)) == 1


def test_a_span_that_ends_before_it_begins_holds_nothing() -> None:
    """Bounds that contradict each other are no error."""
    creations = Creations.of([(1.0, 7), (2.0, 9)])
    assert list(creations.within((2.0, 1.0))) == []
    assert creations.count((2.0, 1.0)) == 0


def test_what_was_found_stays_as_it_was() -> None:
    """Issues that come or go later change no list that was answered."""
    creations = Creations.of([(1.0, 7), (2.0, 9)])
    found = creations.within((0.0, 9.0))
    creations.add(1.5, 8)
    creations.remove(1.0, 7)
    assert list(found) == [7, 9]
