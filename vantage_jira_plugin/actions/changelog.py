"""The action that lists what was changed on issues."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from marshmallow import Schema

from vantage_jira_plugin.envelope import Table
from vantage_jira_plugin.operations import COUNT_ISSUES, FETCH_CHANGELOGS, LIST_FIELDS, SEARCH_ISSUES
from vantage_jira_plugin.reading.batches import gather
from vantage_jira_plugin.reading.changelogs import MAX_FIELD_IDS, read_changelogs
from vantage_jira_plugin.reading.changes import CHANGE_COLUMNS, ChangeFilter, change_rows
from vantage_jira_plugin.reading.span import Span, changed_since
from vantage_jira_plugin.schemas import Text, TextList

from . import _inputs, _part_estimates
from ._action import ActionGroup

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from vantage_jira_plugin.client import JiraClient

group = ActionGroup("changelog")


class ListChangelogInputs(Schema):
    """Inputs of listChangelog."""

    jql = _inputs.jql("Issues whose changes are meant: a query in JQL, with at least one restriction.")
    fields_ = TextList(
        Text(max_length=255),
        max_items=500,
        commas=True,
        load_default=(),
        data_key="fields",
        metadata={
            "description": "Only changes of these fields, by id or name, or as changelogs call them (Link, "
            "IssueParentAssociation); a list, or one text with commas. All, where it is not given.",
            "examples": [["status", "assignee"]],
        },
    )
    since = _inputs.moment("Only changes from then on")
    until = _inputs.moment("Only changes before")
    max_rows = _inputs.max_rows(default=10_000, maximum=1_000_000)
    raw = _inputs.raw()


@group.action(
    "listChangelog",
    title="List changelog",
    inputs=ListChangelogInputs,
    operations=[SEARCH_ISSUES, FETCH_CHANGELOGS, LIST_FIELDS, COUNT_ISSUES],
    columns=CHANGE_COLUMNS,
    estimate=_part_estimates.of_changelog,
)
def list_changelog(
    jira: JiraClient,
    *,
    jql: str,
    fields_: Sequence[str],
    since: datetime | None,
    until: datetime | None,
    max_rows: int,
    raw: bool,
) -> Table:
    """List what was changed on the issues that a query finds, a row for each changed field, the oldest first.

    Raises:
        InputError: there is no such field, or several of the name.
        JiraInvalidError: Jira does not understand the query.

    Source: POST /rest/api/3/search/jql, POST /rest/api/3/changelog/bulkfetch
    """
    catalogue = jira.catalogue() if fields_ else None
    wanted = ChangeFilter.of(tuple(fields_), catalogue, Span.of(since, until))
    asked = wanted.asked if len(wanted.asked) <= MAX_FIELD_IDS else ()

    def rows_of(issues: list[tuple[str, str]]) -> Iterator[tuple[list[dict[str, Any]], None]]:
        keys = dict(issues)
        for issue_id, histories in read_changelogs(jira, keys, asked):
            yield (
                [
                    {**row, "_raw": history} if raw else row
                    for history in histories
                    for row in change_rows(history, issue_id, keys[issue_id], jira.site_url, wanted)
                ],
                None,
            )

    found = gather(
        jira,
        changed_since(jql, since),
        ["key"],
        max_rows=max_rows,
        make=lambda issue: (str(issue.get("id")), str(issue.get("key"))),
        rows_of=rows_of,
    )
    return Table(CHANGE_COLUMNS, found.rows, found.incomplete_reason)
