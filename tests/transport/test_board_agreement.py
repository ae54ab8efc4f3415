"""Boards that ask at once for what only one may have."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.transport.workers import BULK, EDIT, NOW, READ, answered, ask, go, refused, standing_in


def test_the_last_place_is_taken_once(boards, shared):
    """Two workers at a slowed endpoint: when a request of one has gone, the other's waits for the pace."""
    first, second = boards
    assert ask(first, READ, NOW) is None
    first.end(READ, refused(seconds=1.0, limit=10))
    opened_at = NOW + 1.0
    assert ask(second, READ, opened_at) is None
    hold = ask(first, READ, opened_at)
    assert (hold.key, hold.closed) == (READ.lane, False)
    stored = shared.stored
    assert ask(second, READ, opened_at) is not None
    assert shared.stored == stored


def test_bulk_operations_are_counted_over_all_workers(boards):
    """Three here and two there are five; the sixth waits wherever it is, and an end makes room for it."""
    first, second = boards
    for board in (first, second, first):
        assert ask(board, BULK, NOW) is None
    for board in (first, second):
        board.end(READ, answered())
    for board in (second, first):
        assert ask(board, BULK, NOW + 6) is None
    assert ask(first, BULK, NOW + 6).key == "bulk"
    assert ask(second, BULK, NOW + 6).key == "bulk"
    second.end(BULK, answered(NOW + 6))
    assert ask(second, BULK, NOW + 6) is None


@pytest.mark.parametrize(
    ("traffic", "before", "most"), [(BULK, 1, 5), (EDIT, 12, 8), (READ, 1, 1)], ids=["bulk", "issue", "pace"]
)
def test_no_place_is_taken_twice_under_contention(shared, moment, traffic, before, most, make_board):
    """Eight workers ask at once for what few may have: as many go as may, and no more."""
    board = make_board(shared)
    for _ in range(before):
        go(board, traffic, NOW - 1.5)
    moment.seconds += 1.0
    ended = refused(now=NOW - 100, seconds=1.0) if traffic is READ else answered(NOW - 1.5)
    board.end(traffic, ended)
    boards = [make_board(shared) for _ in range(8)]
    barrier = threading.Barrier(len(boards))

    def ask_often(board):
        barrier.wait()
        return sum(ask(board, traffic, NOW) is None for _ in range(10))

    with ThreadPoolExecutor(len(boards)) as pool:
        went = sum(pool.map(ask_often, boards))
    assert went == most


def test_what_another_stored_in_between_is_not_overwritten(boards, shared):
    """Where another worker was faster, its value is read again and the request decided anew."""
    first, second = boards
    for _ in range(3):
        assert ask(first, BULK, NOW) is None
    first.end(READ, answered())

    def be_faster(name):
        shared.before_replace = None
        ask(second, BULK, NOW + 6)

    shared.before_replace = be_faster
    assert ask(first, BULK, NOW + 6) is None
    assert len(standing_in(shared).bulk) == 5
    assert ask(first, BULK, NOW + 6).key == "bulk"


def test_a_worker_that_is_never_the_fastest_goes_on_by_itself(boards, shared):
    """After many attempts a request goes, counted here alone, and once."""
    first, _ = boards
    go(first, BULK, NOW - 10)
    attempts = []

    def be_faster(name):
        attempts.append(name)
        shared.values[name] = shared.values[name]._replace(version=1000 + len(attempts))

    shared.before_replace = be_faster
    for _ in range(4):
        assert ask(first, BULK, NOW) is None
    assert len(attempts) == 4 * 20
