from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from vantage_jira_plugin.reading.span import Span, changed_since


@pytest.mark.parametrize(
    ("since", "until", "holds"),
    [
        (None, None, True),
        ("2026-04-28T13:31:13.533Z", None, True),
        ("2026-04-28T13:31:13.534Z", None, False),
        (None, "2026-04-28T13:31:13.533Z", False),
        (None, "2026-04-28T13:31:13.534Z", True),
    ],
)
def test_a_span_has_its_beginning_and_not_its_end(since, until, holds):
    """Spans that follow each other have every moment once; what has no moment is never left out."""
    span = Span(since, until)
    assert span.holds("2026-04-28T13:31:13.533Z") is holds
    assert span.holds(None) is True


def test_moments_become_what_cells_are():
    """A zone does not matter, so that texts can be compared."""
    zone = timezone(timedelta(hours=2))
    assert Span.of(datetime(2026, 4, 28, 15, 31, tzinfo=zone)) == Span("2026-04-28T13:31:00.000Z", None)
    assert Span.of(None, datetime(2026, 1, 1, tzinfo=UTC)) == Span(None, "2026-01-01T00:00:00.000Z")


def test_a_query_is_narrowed_to_what_was_changed():
    """Epoch milliseconds of the whole minute stand before the order."""
    since = datetime(2026, 1, 31, 9, 30, 59, tzinfo=UTC)
    assert changed_since("project = A OR project = B ORDER BY key", None) == "project = A OR project = B ORDER BY key"
    assert changed_since("project = A OR project = B ORDER BY key", since) == (
        "(project = A OR project = B) AND updated >= 1769851800000 ORDER BY key"
    )
