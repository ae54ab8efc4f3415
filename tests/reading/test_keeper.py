from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from vantage_jira_plugin.reading.keeper import MemoryKeeper, PartState


def test_rows_come_in_the_order_of_the_parts():
    """Whichever part is read first, its rows stand where the query has them."""
    keeper = MemoryKeeper()
    assert keeper.restored() is None
    keeper.planned([PartState((1,), {}), PartState((0,), {})])
    keeper.page(PartState((1,), {}, done=True, rows=2), ["c", "d"])
    keeper.page(PartState((0,), {"at": 1}, rows=1), ["a"])
    keeper.page(PartState((0,), {}, done=True, rows=2), ["b"])
    assert keeper.items() == ["a", "b", "c", "d"]
    assert keeper.parts() == [PartState((0,), {}, done=True, rows=2), PartState((1,), {}, done=True, rows=2)]


def test_what_is_cut_off_stands_behind_its_part():
    """A part that is cut keeps its rows; what is cut off later stands before what was cut off earlier."""
    keeper = MemoryKeeper()
    keeper.planned([PartState((0,), {"end": 9}), PartState((1,), {})])
    keeper.page(PartState((0,), {"end": 9}, rows=1), ["a"])
    keeper.planned([PartState((0,), {"end": 6}, rows=1), PartState((0, -1), {})])
    keeper.planned([PartState((0,), {"end": 3}, rows=1), PartState((0, -2), {})])
    keeper.page(PartState((0, -1), {}, done=True, rows=1), ["d"])
    keeper.page(PartState((1,), {}, rows=1), ["e"])
    keeper.page(PartState((0, -2), {}, done=True, rows=1), ["c"])
    keeper.page(PartState((0,), {}, done=True, rows=2), ["b"])
    assert keeper.items() == ["a", "b", "c", "d", "e"]


def test_nothing_behind_a_gap_is_handed_over():
    """Rows behind a part that is not read to its end would not be the first of the query."""
    keeper = MemoryKeeper()
    keeper.planned([PartState((0,), {}), PartState((1,), {})])
    keeper.page(PartState((1,), {}, done=True, rows=1), ["c"])
    keeper.page(PartState((0,), {}, rows=1), ["a"])
    assert keeper.items() == ["a"]


def test_parts_are_kept_by_several_threads_at_once():
    """No row is lost where each part has a thread of its own."""
    keeper = MemoryKeeper()
    keeper.planned([PartState((number,), {}) for number in range(8)])

    def fill(number):
        for row in range(500):
            keeper.page(PartState((number,), {}, done=row == 499, rows=row + 1), [(number, row)])

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(fill, range(8)))
    assert keeper.items() == [(number, row) for number in range(8) for row in range(500)]
