"""What looks in Jira for what a keyed write made. Of issues and of comments: see the modules of that name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from .entry import Entry

__all__ = ["Finder"]


class Finder(Protocol):
    """Looks in Jira for what one keyed write made. All of it is read from the database, or said not to be whole."""

    @property
    def key(self) -> str:
        """The idempotency key."""

    @property
    def place(self) -> str:
        """Where in Jira it would be, for people: `project DEV`."""

    def after(self) -> int | None:
        """Return the number of an issue that is there already, to look behind; None where none is known."""

    def find(self, entry: Entry, *, now: float) -> dict[str, Any] | None:
        """Return what was made between `entry.sent_at` and now, or None where it is certain that nothing was.

        Raises:
            PluginError: it is not certain.
        """

    def recall(self, made_id: str) -> dict[str, Any] | None:
        """Return what has this id, where it carries the key.

        Raises:
            PluginError: it could not be read.
        """

    def named(self, made: dict[str, Any]) -> str | None:
        """Return the key of the issue that was made, or that it is part of."""
