"""Actions about one issue: create, read, update."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from marshmallow import Schema

from vantage_jira_plugin.adf import from_markdown
from vantage_jira_plugin.envelope import Table
from vantage_jira_plugin.fields.system import DEFAULT_ISSUE_FIELDS, needs_catalogue
from vantage_jira_plugin.operations import (
    BULK_FETCH_ISSUES,
    CREATE_ISSUE,
    EDIT_ISSUE,
    GET_ISSUE,
    LIST_FIELDS,
    SEARCH_ISSUES,
)
from vantage_jira_plugin.reading.foreign import confined_issue
from vantage_jira_plugin.reading.rows import browse_url, issue_table
from vantage_jira_plugin.reading.values import text
from vantage_jira_plugin.schemas import UNCHANGED
from vantage_jira_plugin.writing.issues import IssueFinder
from vantage_jira_plugin.writing.keyproperty import property_of

from . import _estimates, _inputs
from ._action import ActionGroup, rows
from ._projects import only_allowed_issue, only_allowed_project

if TYPE_CHECKING:
    from collections.abc import Sequence

    from vantage_jira_plugin.client import JiraClient
    from vantage_jira_plugin.contract import Column
    from vantage_jira_plugin.reading.columns import TextFormat

group = ActionGroup("issues")

_CREATED_COLUMNS: tuple[Column, ...] = (
    {"name": "id", "type": "string", "title": "Id"},
    {"name": "key", "type": "string", "title": "Key"},
    {"name": "url", "type": "string", "title": "URL"},
)
_UPDATED_COLUMNS: tuple[Column, ...] = (
    *_CREATED_COLUMNS,
    {"name": "updated", "type": "list", "title": "Updated inputs"},
)


class CreateIssueInputs(Schema):
    """Inputs of createIssue."""

    project_key = _inputs.project_key()
    issue_type = _inputs.name_or_id("Issue type", data_key="issueType", example="Bug", required=True)
    summary = _inputs.summary(required=True)
    description = _inputs.rich_text("Description")
    priority = _inputs.name_or_id("Priority", example="High")
    labels = _inputs.labels()
    assignee_account_id = _inputs.account_id("the assignee", data_key="assigneeAccountId")
    idempotency_key = _inputs.idempotency_key()


@group.action(
    "createIssue",
    title="Create issue",
    inputs=CreateIssueInputs,
    operations=[CREATE_ISSUE],
    lookups=[SEARCH_ISSUES, BULK_FETCH_ISSUES],
    columns=_CREATED_COLUMNS,
    guard=only_allowed_project,
)
def create_issue(
    jira: JiraClient,
    *,
    project_key: str,
    issue_type: str,
    summary: str,
    description: str | None,
    priority: str | None,
    labels: Sequence[str] | None,
    assignee_account_id: str | None,
    idempotency_key: str | None,
) -> Table:
    """Create one issue and return its id, key and address.

    An idempotency key makes one issue, however often and by however many workers the action is called with it. It is
    stored with the issue, in the same request, as issue property `vantage.idempotencyKey`, by which the issue is found
    where the answer is lost.

    Raises:
        InputError: the key was used before in another project.
        JiraInvalidError: Jira refuses a value; `errors` says which.
        WriteUnderWayError: another worker is creating it, for longer than this call can wait.
        UnknownOutcomeError: no readable answer came, and the issue was not found; it may exist.

    Source: POST /rest/api/3/issue
    """
    fields: dict[str, Any] = {
        "project": {"key": project_key},
        "issuetype": _named(issue_type),
        "summary": summary,
        "description": None if description is None else from_markdown(description),
        "priority": None if priority is None else _named(priority),
        "labels": None if labels is None else list(labels),
        "assignee": None if assignee_account_id is None else {"accountId": assignee_account_id},
    }
    body: dict[str, Any] = {"fields": {name: value for name, value in fields.items() if value is not None}}
    if idempotency_key is not None:
        body["properties"] = property_of(idempotency_key)
    finder = None if idempotency_key is None else IssueFinder(jira, project_key, idempotency_key)
    created = jira.write(CREATE_ISSUE, body=body, finder=finder)
    return Table(_CREATED_COLUMNS, [_reference(jira, created)])


class GetIssueInputs(Schema):
    """Inputs of getIssue."""

    issue_key = _inputs.issue_key()
    fields_ = _inputs.field_names()
    text_format = _inputs.text_format()
    raw = _inputs.raw()


@group.action(
    "getIssue",
    title="Get issue",
    inputs=GetIssueInputs,
    operations=[GET_ISSUE, LIST_FIELDS],
    columns=issue_table(DEFAULT_ISSUE_FIELDS, None).columns,
    open_columns=True,
    guard=only_allowed_issue,
    estimate=_estimates.of_issue,
)
def get_issue(jira: JiraClient, *, issue_key: str, fields_: Sequence[str], text_format: TextFormat, raw: bool) -> Table:
    """Return one issue as a flat row.

    Raises:
        NotFoundError: no such issue, or this account may not see it.

    Source: GET /rest/api/3/issue/{issueIdOrKey}
    """
    catalogue = jira.catalogue() if needs_catalogue(fields_) else None
    table = issue_table(fields_, catalogue, text_format=text_format)
    issue = jira.call(GET_ISSUE, {"issueIdOrKey": issue_key}, query={"fields": ",".join(table.request_fields)})
    if jira.settings.allowed_projects is not None:
        issue = confined_issue(issue, jira.may_touch)
    return Table(table.columns, rows([issue], table.row, jira.site_url, raw=raw))


class UpdateIssueInputs(Schema):
    """Inputs of updateIssue."""

    issue_key = _inputs.issue_key()
    issue_type = _inputs.name_or_id("Issue type", data_key="issueType", example="Bug", change="set")
    summary = _inputs.summary(change="set")
    description = _inputs.rich_text("Description", change="clear")
    priority = _inputs.name_or_id("Priority", example="High", change="clear")
    labels = _inputs.labels(change="clear")
    assignee_account_id = _inputs.account_id("the assignee", data_key="assigneeAccountId", change="clear")
    duedate = _inputs.due_date(change="clear")
    idempotency_key = _inputs.idempotency_key("Accepted and not needed: setting values again changes nothing.")


@group.action(
    "updateIssue",
    title="Update issue",
    inputs=UpdateIssueInputs,
    operations=[EDIT_ISSUE],
    columns=_UPDATED_COLUMNS,
    destructive=True,
    guard=only_allowed_issue,
)
def update_issue(
    jira: JiraClient,
    *,
    issue_key: str,
    issue_type: Any,
    summary: Any,
    description: Any,
    priority: Any,
    labels: Any,
    assignee_account_id: Any,
    duedate: Any,
    idempotency_key: str | None,
) -> Table:
    """Change the given values of one issue; an empty text changes nothing, null clears.

    Setting values is the same however often it is done, so that an idempotency key adds nothing here.

    Raises:
        NotFoundError: no such issue, or this account may not see it.
        JiraInvalidError: Jira refuses a value; `errors` says which.

    Source: PUT /rest/api/3/issue/{issueIdOrKey}
    """
    del idempotency_key
    changes = {
        "issueType": ("issuetype", _changed(issue_type, _named)),
        "summary": ("summary", summary),
        "description": ("description", _changed(description, from_markdown)),
        "priority": ("priority", _changed(priority, _named)),
        "labels": ("labels", [] if labels is None else labels),
        "assigneeAccountId": ("assignee", _changed(assignee_account_id, lambda account_id: {"accountId": account_id})),
        "duedate": ("duedate", duedate),
    }
    given = {name: change for name, change in changes.items() if change[1] is not UNCHANGED}
    if not given:
        jira.warnings.append("nothing was given to change, so that nothing was sent")
        issue: dict[str, Any] = {}
    else:
        answer = jira.call(
            EDIT_ISSUE,
            {"issueIdOrKey": issue_key},
            query={"returnIssue": "true"},
            body={"fields": dict(given.values())},
        )
        issue = answer if isinstance(answer, dict) else {}
    return Table(_UPDATED_COLUMNS, [{**_reference(jira, issue, issue_key), "updated": list(given)}])


def _changed(value: Any, write: Any) -> Any:
    """Return a value as Jira takes it; null and "unchanged" stay what they are."""
    return value if value is None or value is UNCHANGED else write(value)


def _named(name_or_id: str) -> dict[str, str]:
    """Return how Jira takes something that has a name and a numeric id."""
    return {"id": name_or_id} if name_or_id.isascii() and name_or_id.isdigit() else {"name": name_or_id}


def _reference(jira: JiraClient, issue: dict[str, Any], asked_for: str | None = None) -> dict[str, Any]:
    key = text(issue.get("key")) or asked_for
    return {"id": text(issue.get("id")), "key": key, "url": browse_url(jira.site_url, key)}
