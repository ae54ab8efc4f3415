"""Actions about the comments of an issue."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from marshmallow import Schema

from vantage_jira_plugin.adf import from_markdown
from vantage_jira_plugin.envelope import Table
from vantage_jira_plugin.operations import ADD_COMMENT, FETCH_COMMENTS, GET_ISSUE, LIST_COMMENTS
from vantage_jira_plugin.reading.comments import COMMENT_COLUMNS, comment_row
from vantage_jira_plugin.writing.comments import CommentFinder
from vantage_jira_plugin.writing.keyproperty import property_of

from . import _inputs
from ._action import ActionGroup
from ._projects import only_allowed_issue

if TYPE_CHECKING:
    from vantage_jira_plugin.client import JiraClient

group = ActionGroup("comments")


class AddCommentInputs(Schema):
    """Inputs of addComment."""

    issue_key = _inputs.issue_key()
    body = _inputs.rich_text("Text of the comment", required=True)
    idempotency_key = _inputs.idempotency_key()


@group.action(
    "addComment",
    title="Add comment",
    inputs=AddCommentInputs,
    operations=[ADD_COMMENT],
    lookups=[LIST_COMMENTS, FETCH_COMMENTS, GET_ISSUE],
    columns=COMMENT_COLUMNS,
    guard=only_allowed_issue,
)
def add_comment(jira: JiraClient, *, issue_key: str, body: str, idempotency_key: str | None) -> Table:
    """Add one comment to an issue and return it.

    An idempotency key makes one comment, however often and by however many workers the action is called with it. It
    is stored with the comment, in the same request, as comment property `vantage.idempotencyKey`.

    Raises:
        InputError: the key was used before on another issue.
        NotFoundError: no such issue, or this account may not see it.
        WriteUnderWayError: another worker is adding it, for longer than this call can wait.
        UnknownOutcomeError: no readable answer came, and the comment was not found; it may exist.

    Source: POST /rest/api/3/issue/{issueIdOrKey}/comment
    """
    path = {"issueIdOrKey": issue_key}
    sent: dict[str, Any] = {"body": from_markdown(body)}
    if idempotency_key is None:
        comment: dict[str, Any] = jira.call(ADD_COMMENT, path, body=sent)
    else:
        finder = CommentFinder(jira, issue_key, idempotency_key)
        sent["properties"] = property_of(idempotency_key)
        comment = jira.write(ADD_COMMENT, path, body=sent, finder=finder)
        if "body" not in comment:  # known from an earlier call, which may have named the issue otherwise
            issue_key = comment.get("key", issue_key)
            comment = _as_it_is(jira, finder, comment)
    return Table(COMMENT_COLUMNS, [comment_row(comment, issue_key, jira.site_url)])


def _as_it_is(jira: JiraClient, finder: CommentFinder, known: dict[str, Any]) -> dict[str, Any]:
    """Return a comment that was made before as it is now; it may have been deleted since."""
    comment = finder.recall(known["id"])
    if comment is None:
        jira.warnings.append("the comment is not there any more, or is not to be seen")
    return comment or known
