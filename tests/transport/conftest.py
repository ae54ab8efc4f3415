"""Boards that share what they know, and gates whose time passes while somebody sleeps."""

from __future__ import annotations

import pytest

from tests.transport.gates import Waits
from tests.transport.virtualtime import VirtualTime
from tests.transport.workers import NOW, FlakyShared, Moment
from vantage_jira_plugin.transport.board import Board
from vantage_jira_plugin.transport.gate import Gate


@pytest.fixture
def shared():
    """A host's shared state."""
    return FlakyShared()


@pytest.fixture
def moment():
    """The boards' seconds."""
    return Moment()


@pytest.fixture
def make_board(moment):
    """Return a function that makes the board of a worker, with a clock of its own."""

    def board(shared):
        return Board(shared, clock=Moment(NOW - 1000), monotonic=moment)

    return board


@pytest.fixture
def boards(shared, make_board):
    """Two workers of one host."""
    return make_board(shared), make_board(shared)


@pytest.fixture
def time():
    """The gate's time."""
    return VirtualTime()


@pytest.fixture
def telemetry():
    """What is told of waits."""
    return Waits()


@pytest.fixture
def make_gate(time, telemetry):
    """Return a function that makes a gate."""

    def gate(max_in_flight=8, sleep=time.sleep, board=None):
        board = board or Board(None, clock=time, monotonic=time)
        return Gate(board, telemetry, max_in_flight=max_in_flight, sleep=sleep, clock=time)

    return gate
