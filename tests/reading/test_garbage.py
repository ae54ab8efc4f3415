from __future__ import annotations

import gc

import pytest

from vantage_jira_plugin.reading.garbage import held, rare_collections
from vantage_jira_plugin.reading.keeper import MemoryKeeper, PartState


@pytest.fixture(autouse=True)
def _usual():
    before = gc.get_threshold()
    gc.set_threshold(700, 10, 10)
    yield
    gc.set_threshold(*before)


def test_collections_are_rarer_meanwhile():
    """The threshold of new containers is raised, and put back."""
    with rare_collections():
        assert gc.get_threshold() == (200_000, 10, 10)
    assert gc.get_threshold() == (700, 10, 10)


def test_the_last_one_puts_it_back():
    """Of pulls that overlap, the first sets the threshold and the last puts it back, in whichever order they end."""
    first, second = rare_collections(), rare_collections()
    first.__enter__()
    second.__enter__()
    first.__exit__(None, None, None)
    assert gc.get_threshold()[0] == 200_000
    second.__exit__(None, None, None)
    assert gc.get_threshold()[0] == 700


@pytest.mark.parametrize("threshold", [0, 300_000])
def test_a_host_that_has_its_own_idea_keeps_it(threshold):
    """One that has turned collections off, or made them rarer still, is left alone."""
    gc.set_threshold(threshold, 10, 10)
    with rare_collections():
        assert gc.get_threshold()[0] == threshold
    assert gc.get_threshold()[0] == threshold


def test_what_the_host_changes_meanwhile_stays():
    """A threshold that somebody sets during a pull is not overwritten at its end."""
    with rare_collections():
        gc.set_threshold(1234, 10, 10)
    assert gc.get_threshold()[0] == 1234


def test_it_is_put_back_after_a_failure():
    """However a pull ends."""
    with pytest.raises(ZeroDivisionError), rare_collections():
        raise ZeroDivisionError
    assert gc.get_threshold()[0] == 700


def _rows(count):
    """Rows of three containers each: Python does not follow the empty tuple."""
    return [{"labels": [], "sprint": [1], "summary": "x", "none": ()} for _ in range(count)]


def _looks():
    """How many times Python has looked: at what is new, at what is older, and at all."""
    return [generation["collections"] for generation in gc.get_stats()]


def test_rows_that_stay_are_no_reason_to_look():
    """The threshold goes up by the containers of rows that are held, and by nothing else."""
    with rare_collections():
        rows = _rows(1000)
        held(rows)
        first = gc.get_threshold()[0]
        assert 202_500 < first <= 203_000  # Python counts what went meanwhile
        others = [[] for _ in range(1000)]
        held(rows[:1])
        assert gc.get_threshold()[0] <= 203_003
    assert gc.get_threshold()[0] == 700
    assert len(others) == 1000


def test_rows_in_memory_are_not_looked_through():
    """However many a keeper in memory holds, Python looks at them neither meanwhile nor at the end."""
    keeper = MemoryKeeper()
    keeper.planned([PartState((0,), {})])
    gc.collect()
    before = _looks()
    with rare_collections():
        for number in range(100):
            keeper.page(PartState((0,), {}), _rows(1000))
            assert gc.get_threshold()[0] >= 202_500 + number * 2900
    assert _looks() == before
    assert len(keeper.items()) == 100_000


def test_cycles_are_found_meanwhile():
    """What is garbage does not pile up beside rows that stay."""
    gc.collect()
    before = _looks()
    with rare_collections():
        rows = _rows(1000)
        held(rows)
        for _ in range(300_000):
            cycle: list[object] = []
            cycle.append(cycle)
    assert _looks() > before


def test_what_was_looked_through_counts_no_more():
    """Once Python has looked, it does so again after as many new containers as at first."""
    with rare_collections():
        rows = _rows(1000)
        held(rows)
        gc.collect(0)
        held(rows[:1])
        assert gc.get_threshold()[0] <= 200_000 + gc.get_count()[0] + 3


def test_what_the_host_has_frozen_stays_frozen():
    """A host that keeps objects out of collections (before it forks) finds them kept out."""
    gc.collect()
    gc.freeze()
    frozen = gc.get_freeze_count()
    try:
        with rare_collections():
            rows = _rows(30_000)
            held(rows)
        assert gc.get_freeze_count() >= frozen // 2  # less what has gone meanwhile
    finally:
        gc.unfreeze()


@pytest.mark.parametrize("threshold", [0, 300_000])
def test_rows_change_nothing_for_a_host_with_its_own_idea(threshold):
    """Nor for one that is not pulling."""
    held(_rows(10))
    assert gc.get_threshold()[0] == 700
    gc.set_threshold(threshold, 10, 10)
    with rare_collections():
        held(_rows(10))
        assert gc.get_threshold()[0] == threshold
    assert gc.get_threshold()[0] == threshold


def test_nothing_is_held_of_no_rows():
    """A page without rows."""
    with rare_collections():
        held([])
        assert gc.get_threshold()[0] == 200_000
