"""What looks in Jira for what a keyed write made. See the modules named after what they look for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from vantage_jira_plugin.rehearsal import Estimate

    from .entry import Entry

__all__ = ["Finder"]


class Finder(Protocol):
    """Looks in Jira for what one keyed write made. All of it is read from the database, or said not to be whole."""

    @property
    def key(self) -> str:
        """The idempotency key."""

    @property
    def here(self) -> str:
        """Where it is to be made, as the ledger notes it: `DEV`, `DEV-1`."""

    @property
    def place(self) -> str:
        """Where in Jira it would be, for people: `project DEV`."""

    @property
    def mark(self) -> str:
        """What it is known by, for people: `the property vantage.idempotencyKey = k`."""

    # ---- where it was made ------------------------------------------------------------------

    def is_here(self, place: str) -> bool:
        """Tell whether a place that is named otherwise than this one is this one.

        Raises:
            PluginError: this place could not be read.
        """

    def where(self, made: dict[str, Any]) -> str | None:
        """Return the place of what was found, or None where it does not say."""

    def described(self, place: str) -> str | None:
        """Return another place for people, or None where this connection must not tell of it."""

    def only_allowed(self, made_key: str | None) -> None:
        """Refuse what is in a project now that this connection must not touch.

        Raises:
            ProjectNotAllowedError: it is.
        """

    # ---- looking ----------------------------------------------------------------------------

    def after(self) -> int | None:
        """Return the number of an issue that is there already, to look behind; None where none is known.

        It may cost a request; that it fails is no failure.
        """

    def cost_of_after(self) -> Estimate:
        """Return what `after` would use of Jira now."""

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
