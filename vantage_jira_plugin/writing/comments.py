"""Looks for the comment that a keyed write made. Comments are read from the database, newest first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from vantage_jira_plugin.operations import FETCH_COMMENTS, LIST_COMMENTS

from .keyproperty import carries
from .onissue import OnIssue, may_be_since, not_whole

if TYPE_CHECKING:
    from collections.abc import Sequence

    from vantage_jira_plugin.errors import JiraUnavailableError

    from .entry import Entry

__all__ = ["CommentFinder"]

#: Comments of a page; also the default. Source: OpenAPI file, GET issue/{issueIdOrKey}/comment.
_PAGE = 100
#: Pages that are looked through: an issue has 5,000 comments at most, and a few of the last minutes.
_PAGES = 10


@dataclass(frozen=True, slots=True)
class CommentFinder(OnIssue):
    """Finds the comment of one key on one issue."""

    @property
    def place(self) -> str:
        """Where the comment would be."""
        return f"the comments of {self.issue_key}"

    def recall(self, made_id: str) -> dict[str, Any] | None:
        """Return the comment of this id, where it carries the key."""
        return self._carrier([made_id]) if made_id.isdecimal() else None

    def find(self, entry: Entry, *, now: float) -> dict[str, Any] | None:
        """Return the comment, or None where it is certain that there is none.

        Raises:
            JiraUnavailableError: there were too many comments meanwhile.
            PluginError: looking failed.
        """
        del now
        start = 0
        for _ in range(_PAGES):
            query = {"orderBy": "-created", "startAt": start, "maxResults": _PAGE}
            data = self.jira.call(LIST_COMMENTS, {"issueIdOrKey": self.issue_key}, query=query)
            comments = [comment for comment in data["comments"] if isinstance(comment, dict)]
            recent = [comment for comment in comments if may_be_since(entry, comment)]
            found = self._carrier([str(comment.get("id")) for comment in recent]) if recent else None
            start += len(comments)
            total = data.get("total")
            last = not comments or (isinstance(total, int) and start >= total)
            if found is not None or last or len(recent) < len(comments):
                return found
        raise self._not_whole()

    def _carrier(self, ids: Sequence[str]) -> dict[str, Any] | None:
        """Return the one of these comments that carries the key.

        Source: POST /rest/api/3/comment/list; a list of comments alone comes without their properties.
        """
        body = {"ids": sorted(int(comment_id) for comment_id in ids if comment_id.isdecimal())}
        data = self.jira.call(FETCH_COMMENTS, query={"expand": "properties"}, body=body)
        comments = [comment for comment in data["values"] if isinstance(comment, dict)]
        found = next((comment for comment in comments if carries(comment, self.key)), None)
        if found is None and data.get("isLast") is False:
            raise self._not_whole()
        return found

    def _not_whole(self) -> JiraUnavailableError:
        hint = f"Look in {self.place} for one with {self.mark}."
        return not_whole(self.place, LIST_COMMENTS, hint)
