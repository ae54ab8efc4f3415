"""What finders of things on an issue share: which issue it is, and what was made since. No HTTP of their own."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from vantage_jira_plugin.auth.record import parse_expiry
from vantage_jira_plugin.errors import JiraUnavailableError, NotFoundError
from vantage_jira_plugin.operations import GET_ISSUE
from vantage_jira_plugin.rehearsal import Estimate

from .keyproperty import mark_of
from .recent import written_issue

if TYPE_CHECKING:
    from collections.abc import Mapping

    from vantage_jira_plugin.client import JiraClient
    from vantage_jira_plugin.operations import Operation

    from .entry import Entry

__all__ = ["OnIssue", "may_be_since", "not_whole"]

#: How far the clocks of Jira and of workers may differ.
_MARGIN_SECONDS = 120.0


@dataclass(frozen=True, slots=True)
class OnIssue:
    """The part of a finder that is about its issue."""

    jira: JiraClient
    issue_key: str
    key: str

    @property
    def here(self) -> str:
        """The issue, as the caller names it."""
        return self.issue_key

    @property
    def mark(self) -> str:
        """The property that it carries."""
        return mark_of(self.key)

    # ---- where it was made ------------------------------------------------------------------

    def is_here(self, place: str) -> bool:
        """Tell whether an issue is the same one: it has an id beside its key, and old keys where it was moved.

        Raises:
            PluginError: this issue could not be read.
        """
        try:
            other = self._issue_id(place)
        except NotFoundError:
            return False
        return other == self._issue_id(self.issue_key)

    def _issue_id(self, id_or_key: str) -> str:
        return str(self.jira.call(GET_ISSUE, {"issueIdOrKey": id_or_key}, query={"fields": "project"}).get("id"))

    def where(self, made: dict[str, Any]) -> str | None:
        """Return the issue that something is on, by its id, which is in the thing's address."""
        written = written_issue(made, at=0.0)
        return None if written is None else str(written.id)

    def described(self, place: str) -> str | None:
        """Return another issue for people, where its key shows that it may be touched."""
        return f"issue {place}" if self.jira.may_touch(place.rpartition("-")[0]) else None

    def only_allowed(self, made_key: str | None) -> None:
        """Refuse nothing: what was made is on this issue, which was looked at before."""

    def named(self, made: dict[str, Any]) -> str | None:
        """Return the key of the issue."""
        del made
        return self.issue_key

    # ---- looking ----------------------------------------------------------------------------

    def after(self) -> None:
        """Return nothing: things on an issue are found by their time."""

    def cost_of_after(self) -> Estimate:
        """Return that it costs nothing."""
        return Estimate()


def may_be_since(entry: Entry, thing: Mapping[str, Any]) -> bool:
    """Tell whether a thing may have been made since a write began; one that does not say when may have been."""
    try:
        created_at = parse_expiry(thing.get("created"))
    except ValueError:
        return True
    return created_at is None or created_at >= entry.sent_at - _MARGIN_SECONDS


def not_whole(what: str, operation: Operation, hint: str) -> JiraUnavailableError:
    """Return the error of a look that may not have seen everything, or not well enough."""
    return JiraUnavailableError(
        f"could not look through all of {what} that were made meanwhile",
        status=HTTPStatus.OK.value,
        method=operation.method,
        path=operation.template,
        hint=hint,
    )
