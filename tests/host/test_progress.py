from __future__ import annotations

import io
import re
from concurrent.futures import ThreadPoolExecutor

import pytest

from vantage_jira_plugin.host.progress import ProgressDisplay

_CODES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\r")


class Terminal(io.StringIO):
    def isatty(self):
        """Say that people are watching."""
        return True


class Clock:
    """Seconds that a test moves."""

    seconds = 100.0

    def __call__(self):
        return self.seconds


@pytest.fixture
def clock():
    """A clock that stands still until it is moved."""
    return Clock()


@pytest.fixture
def terminal(monkeypatch):
    """A terminal of the usual kind, wide enough for the bar."""
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "100")
    return Terminal()


def _drawn(terminal):
    """Return what was drawn since the last look, without the codes that move the cursor and give colours."""
    text = _CODES.sub("", terminal.getvalue())
    terminal.seek(0)
    terminal.truncate()
    return text


def test_a_terminal_gets_a_bar(terminal, clock):
    """It says what is done with how many rows of how many."""
    display = ProgressDisplay(terminal, clock=clock)
    display.show(5, 9, "rows read")
    drawn = _drawn(terminal)
    assert "rows read" in drawn
    assert "5/9" in drawn
    clock.seconds += 1
    display.show(6, None, "rows read")
    assert "6/?" in _drawn(terminal)
    clock.seconds += 1
    display.show(3, 9, "rows [bold]written")
    drawn = _drawn(terminal)
    assert "rows [bold]written" in drawn
    assert "3/9" in drawn


def test_a_bar_is_not_drawn_at_every_report(terminal, clock):
    """Reports that come fast cost nothing; the last of all is drawn."""
    display = ProgressDisplay(terminal, clock=clock)
    display.show(1, 100, "rows read")
    _drawn(terminal)
    for done in range(2, 100):
        clock.seconds += 0.001
        display.show(done, 100, "rows read")
    assert _drawn(terminal) == ""
    display.show(100, 100, "rows read")
    assert "100/100" in _drawn(terminal)


def test_the_bar_goes_with_the_action(terminal, clock):
    """Its line is erased and the cursor is there again; the next action begins with a bar of its own."""
    display = ProgressDisplay(terminal, clock=clock)
    display.end()
    assert terminal.getvalue() == ""
    display.show(5, 9, "rows read")
    display.end()
    assert "\x1b[?25h" in terminal.getvalue()
    assert terminal.getvalue().rstrip().endswith("\x1b[2K")
    _drawn(terminal)
    display.show(1, 2, "rows read")
    assert "1/2" in _drawn(terminal)
    display.end()


def test_a_log_gets_a_line_now_and_then(clock):
    """Where nobody watches, one line every ten seconds; short actions write none."""
    stream = io.StringIO()
    display = ProgressDisplay(stream, clock=clock)
    for second in range(26):
        display.show(second, None if second > 15 else 99, "rows read")
        clock.seconds += 1
    assert stream.getvalue() == "10 of 99 rows read\n20 rows read\n"
    display.end()
    display.show(1, None, "rows read")
    assert stream.getvalue().count("\n") == 2


def test_several_threads_may_tell(terminal):
    """Parts that are read side by side report side by side."""
    display = ProgressDisplay(terminal)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda done: display.show(done, 500, "rows read"), range(500)))
    display.show(500, 500, "rows read")
    assert "500/500" in _drawn(terminal)
    display.end()
