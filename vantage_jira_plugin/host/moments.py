"""Times as people and programs read them: ISO 8601 in UTC with a Z. What a time means is not known here."""

from __future__ import annotations

from datetime import UTC, datetime

__all__ = ["iso_moment", "iso_text"]

#: Epoch numbers above this are milliseconds: as seconds they would lie beyond the year 5000.
LATEST_EPOCH_SECONDS = 100_000_000_000


def iso_moment(epoch_seconds: float) -> str:
    """Return `2026-01-31T09:30:00.000Z`."""
    return _text(datetime.fromtimestamp(epoch_seconds, UTC))


def iso_text(value: object) -> str | None:
    """Return a plain time, ISO 8601 text or an epoch number, in that form; None for anything else.

    A text without an offset is UTC.
    """
    try:
        if isinstance(value, str):
            read = datetime.fromisoformat(value)
            return _text(read if read.tzinfo else read.replace(tzinfo=UTC))
        if isinstance(value, int | float) and not isinstance(value, bool):
            return iso_moment(value / 1000 if abs(value) > LATEST_EPOCH_SECONDS else value)
    except (ValueError, OverflowError, OSError):
        return None
    return None


def _text(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
