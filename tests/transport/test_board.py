"""What a board knows of a site's limits, and what boards tell each other."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.transport.workers import (
    BACKGROUND,
    EDIT,
    NOW,
    READ,
    READ_ELSEWHERE,
    READ_OF_ANOTHER_APP,
    SEARCH,
    answered,
    ask,
    go,
    refused,
    standing_in,
)
from vantage_jira_plugin.transport.limits import Scope
from vantage_jira_plugin.transport.quota import QuotaLeft


def test_a_board_without_shared_state_keeps_limits_for_itself(make_board):
    """Refusals, spacing and pace hold for this worker's threads."""
    board, other = make_board(None), make_board(None)
    assert ask(board, READ, NOW) is None
    board.end(READ, refused())
    assert ask(board, READ, NOW + 9.9).closed
    assert ask(board, SEARCH, NOW + 9.9) is None
    assert ask(other, READ, NOW + 9.9) is None


@pytest.mark.parametrize("with_shared", [True, False])
def test_a_request_that_is_held_counts_for_nothing(shared, with_shared, make_board):
    """Asking again and again uses nothing up."""
    board = make_board(shared if with_shared else None)
    for _ in range(20):
        assert ask(board, EDIT, NOW) is None
        board.end(EDIT, answered())
    for _ in range(50):
        assert ask(board, EDIT, NOW + 1) is not None
    assert ask(board, EDIT, NOW + 2.25) is None


@pytest.mark.parametrize("scope", [Scope.ENDPOINT, Scope.SITE, Scope.APP])
def test_a_refusal_is_known_to_every_worker_at_once(boards, scope):
    """What closed for one worker holds the very next request of the other."""
    first, second = boards
    go(second, READ)
    assert ask(first, READ, NOW) is None
    first.end(READ, refused(scope))
    hold = ask(second, READ, NOW)
    assert (hold.seconds, hold.closed) == (10.0, True)
    assert ask(second, READ, NOW + 10) is None


def test_threads_that_come_together_wait_for_the_one_that_reads(boards, shared):
    """While one thread reads what others have closed, none of the rest goes by what it knew before."""
    first, second = boards
    assert ask(first, READ, NOW) is None
    first.end(READ, refused(Scope.APP))
    read, coming, together = shared.read, threading.Semaphore(0), 6

    def read_when_all_have_come(names):
        for _ in range(together):
            coming.acquire(timeout=5)
        shared.read = read
        return read(names)

    def come():
        coming.release()
        return second.begin(READ)

    shared.read = read_when_all_have_come
    with ThreadPoolExecutor(together) as pool:
        holds = [future.result() for future in [pool.submit(come) for _ in range(together)]]
    assert [hold is not None and hold.closed for hold in holds] == [True] * together


def test_a_quota_of_the_app_closes_all_its_sites(boards):
    """The pool is the app's: other sites of the app wait, other apps do not."""
    first, second = boards
    assert ask(first, READ, NOW) is None
    first.end(READ, refused(Scope.APP))
    assert ask(second, READ_ELSEWHERE, NOW).closed
    assert ask(second, READ_OF_ANOTHER_APP, NOW) is None


@pytest.mark.parametrize("scope", [Scope.ENDPOINT, Scope.SITE])
def test_other_sites_go_on(boards, scope):
    """What a site closes is that site's."""
    first, second = boards
    assert ask(first, READ, NOW) is None
    first.end(READ, refused(scope))
    assert ask(second, READ_ELSEWHERE, NOW) is None


def test_while_there_is_room_workers_tell_once_a_second(boards, shared, moment):
    """A request reads what the others have closed, and stores nothing; what it counted is told in the next second."""
    first, _ = boards
    go(first, READ)
    stored, reads = shared.stored, shared.reads
    for _ in range(10):
        go(first, READ)
    assert shared.stored == stored
    assert shared.reads == reads + 10
    moment.seconds += 1.0
    go(first, READ)
    assert shared.stored == stored + 1
    assert standing_in(shared).lanes[READ.lane].begun == 12


def test_what_both_have_counted_adds_up(boards, shared, moment):
    """Each takes over the other's counts and adds its own, so that none is lost."""
    first, second = boards
    for _ in range(4):
        go(first, READ)
        go(second, READ)
    moment.seconds += 1.0
    go(first, READ)
    go(second, READ)
    lane = standing_in(shared).lanes[READ.lane]
    assert lane.begun == 10


def test_a_refusal_that_is_not_told_yet_survives_a_value_that_knows_nothing_of_it(shared, moment, make_board):
    """Another worker's older value is taken over, and what happened here since is added to it."""
    first, second = make_board(shared), make_board(shared)
    go(first, READ)
    go(second, SEARCH)
    shared.failing = {"replace"}
    assert ask(first, READ, NOW) is None
    first.end(READ, refused(seconds=60.0))
    shared.failing = set()
    moment.seconds += 11.0
    for _ in range(2):
        go(second, SEARCH)
        assert ask(first, READ, NOW + 11).closed
        moment.seconds += 1.0
    go(first, SEARCH)
    assert ask(second, READ, NOW + 13).closed


def test_scarce_points_slow_the_background_work_of_all(boards, moment):
    """Points that one worker spent hold the other's background work."""
    first, second = boards
    assert ask(first, BACKGROUND, NOW) is None
    moment.seconds += 1.0
    first.end(BACKGROUND, answered(quota=QuotaLeft("tenant-app-quota", 100, NOW + 600)))
    moment.seconds += 1.0
    first.spent(BACKGROUND, 10)
    go(first, SEARCH)
    assert ask(second, BACKGROUND, NOW).key == "background"
    assert ask(second, SEARCH, NOW) is None


def test_looking_at_what_is_closed_asks_nobody(boards, shared):
    """Those who stand in a queue look often; what they see is what this worker knows."""
    first, _ = boards
    go(first, READ)
    first._clock.seconds = NOW
    reads = shared.reads
    assert first.closed(READ) is None
    assert shared.reads == reads
    assert ask(first, READ) is None
    first.end(READ, refused())
    reads = shared.reads
    assert first.closed(READ).seconds == 10.0
    assert first.closed(SEARCH) is None
    assert shared.reads == reads


def test_time_does_not_go_back(make_board):
    """A clock that is set back an hour holds nothing up for an hour."""
    board = make_board(None)
    go(board, READ, NOW)
    board.end(READ, refused(now=NOW))
    assert ask(board, READ, NOW - 3600).seconds == 10.0
    assert board.now() == NOW
    assert ask(board, READ, NOW - 3590) is None


def test_a_clock_that_is_ahead_is_followed(boards, moment):
    """A worker whose clock is a minute ahead closes a window: for the other it is closed as long, not longer."""
    ahead, behind = boards
    go(ahead, READ, NOW + 60)
    ahead.end(READ, refused(now=NOW + 60))
    hold = ask(behind, READ, NOW)
    assert hold.seconds == pytest.approx(10.0)
    assert behind.now() == NOW + 60
    assert ask(behind, READ, NOW + 10) is None


def test_a_clock_that_is_wildly_ahead_is_not_followed(boards):
    """A worker a day ahead is wrong: its window is closed for an hour at most, and the time stays the own one."""
    ahead, behind = boards
    go(ahead, READ, NOW + 86_400)
    ahead.end(READ, refused(now=NOW + 86_400))
    assert ask(behind, READ, NOW).seconds <= 3600.0
    assert behind.now() == NOW


def test_the_pace_of_an_endpoint_is_told_without_asking_anybody(make_board, shared):
    """Each site has its own, which a refusal there lowers; the host's state is not read for it."""
    board = make_board(shared)
    documented = board.pace(READ)
    go(board, READ, NOW)
    board.end(READ, refused())
    reads = shared.reads
    assert 0 < board.pace(READ) < documented
    assert board.pace(READ_ELSEWHERE) == documented
    assert shared.reads == reads
