"""Where in a UTC clock hour a simulator's clock stands: quotas and budgets of points begin with each hour."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from vantage_jira_plugin.simulator.clock import Clock

__all__ = ["EARLY_SECOND", "advance_to"]

#: Far enough in for windows that look back, and no test lasts until the hour ends, whatever the machine's clock says.
EARLY_SECOND = 120.0

_HOUR_SECONDS = 3600


def advance_to(clock: Clock, second: float) -> None:
    """Move the clock to that second of an hour, of the next one where this one is past it."""
    clock.advance((second - clock()) % _HOUR_SECONDS)
