"""Actions about the comments of an issue."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from marshmallow import Schema

from vantage_jira_plugin.adf import from_markdown
from vantage_jira_plugin.envelope import Table
from vantage_jira_plugin.operations import ADD_COMMENT
from vantage_jira_plugin.reading.comments import COMMENT_COLUMNS, comment_row

from . import _inputs
from ._action import ActionGroup
from ._projects import only_allowed_issue
from .issues import IDEMPOTENCY_PROPERTY

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
    columns=COMMENT_COLUMNS,
    guard=only_allowed_issue,
)
def add_comment(jira: JiraClient, *, issue_key: str, body: str, idempotency_key: str | None) -> Table:
    """Add one comment to an issue and return it.

    An idempotency key is stored with the comment, as comment property `vantage.idempotencyKey`.

    Raises:
        NotFoundError: no such issue, or this account may not see it.
        UnknownOutcomeError: no readable answer came; the comment may exist.

    Source: POST /rest/api/3/issue/{issueIdOrKey}/comment
    """
    sent: dict[str, Any] = {"body": from_markdown(body)}
    if idempotency_key is not None:
        sent["properties"] = [{"key": IDEMPOTENCY_PROPERTY, "value": {"key": idempotency_key}}]
    comment = jira.call(ADD_COMMENT, {"issueIdOrKey": issue_key}, body=sent)
    return Table(COMMENT_COLUMNS, [comment_row(comment, issue_key, jira.site_url)])
