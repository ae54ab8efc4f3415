"""A board whose host fails, is slow, forgets, or keeps what another version wrote."""

from __future__ import annotations

import logging

import pytest

from tests.transport.workers import BULK, NOW, READ, RENEWAL, SEARCH, SITE, ask, go, refused, standing_in
from vantage_jira_plugin.transport.standing import Standing


@pytest.mark.parametrize("failing", ["read", "replace"])
def test_a_host_that_fails_leaves_each_worker_on_its_own(boards, shared, moment, caplog, failing):
    """Requests go on, limits are kept here, one warning is written, and it is asked again after a rest."""
    first, _ = boards
    shared.failing = {failing}
    with caplog.at_level(logging.WARNING):
        assert ask(first, BULK, NOW) is None
        first.end(BULK, refused(seconds=60.0))
        assert ask(first, BULK, NOW + 1).closed
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    assert "not shared with other workers for 10 s" in caplog.text
    reads = shared.reads
    go(first, READ)
    assert shared.reads == reads
    shared.failing = set()
    moment.seconds += 10.0
    go(first, READ)
    assert shared.reads > reads
    assert standing_in(shared).closed[BULK.lane][0] == NOW + 60


def test_a_place_is_counted_once_where_the_host_fails_in_storing(boards, shared):
    """What could not be stored is counted here, and not twice: five places are five places."""
    first, _ = boards
    go(first, BULK, NOW - 10)
    shared.failing = {"replace"}
    for _ in range(5):
        assert ask(first, BULK, NOW) is None
    assert ask(first, BULK, NOW).key == "bulk"


@pytest.mark.parametrize(
    "value",
    [{}, {"version": 2}, {"closed": {"*": 5}}, {**Standing().to_json(), "lanes": {"GET /x": {"pace": 1.0}}}, [], None],
)
def test_what_another_version_stored_counts_as_nothing(shared, moment, value, make_board):
    """A host that was upgraded, or goes back, keeps values of another shape: they are replaced, not read."""
    shared.replace(SITE, {"closed": {}}, version=0, keep_seconds=60)
    shared.values[SITE] = shared.values[SITE]._replace(value=value)
    board = make_board(shared)
    go(board, READ)
    moment.seconds += 1.0
    go(board, READ)
    assert standing_in(shared).lanes[READ.lane].begun == 2


def test_what_the_host_forgot_is_stored_anew(boards, shared, moment):
    """A value that was not changed for long may be gone; the next worker starts it again."""
    first, second = boards
    go(first, READ)
    shared.values.clear()
    moment.seconds += 1.0
    go(first, READ)
    moment.seconds += 1.0
    go(second, READ)
    assert standing_in(shared).lanes[READ.lane].begun >= 2


@pytest.mark.parametrize("found", [None, [], {SITE: ({}, 1)}, {SITE: {"value": {}, "version": 1}}])
def test_a_host_that_keeps_no_contract_is_one_that_fails(make_board, shared, monkeypatch, found, caplog):
    """What it answers is not of the contract's form: each worker goes on alone."""
    monkeypatch.setattr(shared, "read", lambda names: found)
    board = make_board(shared)
    go(board, READ)
    assert "not of the contract's form" in caplog.text


def test_a_slow_host_is_left_alone_for_a_while(make_board, shared, moment, caplog):
    """Reading that takes a second does not slow every request: ten times as long nobody asks."""
    board = make_board(shared)
    read = shared.read

    def read_slowly(names):
        moment.seconds += 2.0
        return read(names)

    shared.read = read_slowly
    go(board, READ)
    reads = shared.reads
    assert "the host took 2.00 s" in caplog.text
    for _ in range(10):
        moment.seconds += 1.9
        go(board, READ)
    assert shared.reads == reads
    moment.seconds += 1.1
    go(board, READ)
    assert shared.reads > reads


def test_reading_takes_little_of_the_time(make_board, shared, moment):
    """A host that needs 10 ms is read twenty times a second, however often is asked; what was read is never old."""
    board = make_board(shared)
    read = shared.read

    def read_in_ten_ms(names):
        moment.seconds += 0.010
        return read(names)

    go(board, READ)
    shared.read = read_in_ten_ms
    before = shared.reads
    began_at = moment.seconds
    for number in range(2000):
        moment.seconds = max(moment.seconds, began_at + number * 0.0025)
        board.begin(RENEWAL)
    assert 70 <= shared.reads - before <= 105


def test_a_refusal_while_the_host_rests_is_told_afterwards(shared, moment, make_board):
    """Limits that were hit while the state could not be shared are shared as soon as it can."""
    first, second = make_board(shared), make_board(shared)
    go(second, SEARCH)
    shared.failing = {"read"}
    go(first, SEARCH)
    shared.failing = set()
    moment.seconds += 5.0
    assert ask(first, READ, NOW) is None
    first.end(READ, refused(seconds=60.0))
    assert ask(second, READ, NOW) is None
    moment.seconds += 5.0
    go(second, SEARCH)
    go(first, SEARCH)
    assert ask(first, READ, NOW + 5).closed
    assert ask(second, READ, NOW + 5).closed
