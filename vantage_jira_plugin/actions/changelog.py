"""The action that lists what was changed on issues."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from marshmallow import Schema, validates_schema

from vantage_jira_plugin.envelope import Table
from vantage_jira_plugin.operations import BULK_FETCH_ISSUES, COUNT_ISSUES, FETCH_CHANGELOGS, LIST_FIELDS, SEARCH_ISSUES
from vantage_jira_plugin.reading.batches import gather
from vantage_jira_plugin.reading.changelogs import MAX_FIELD_IDS, read_changelogs
from vantage_jira_plugin.reading.changes import CHANGE_COLUMNS, ChangeFilter, change_rows
from vantage_jira_plugin.reading.presence import TIME_FIELDS, is_doubted, presence, seconds_of
from vantage_jira_plugin.reading.span import Span, changed_since
from vantage_jira_plugin.schemas import Text, TextList

from . import _inputs, _part_estimates
from ._action import ActionGroup

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime

    from vantage_jira_plugin.client import JiraClient

group = ActionGroup("changelog")


class _Found(NamedTuple):
    """An issue that the query finds; its times are epoch seconds, None where the search does not tell."""

    id: str
    key: str
    created_at: float | None
    updated_at: float | None


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

    @validates_schema
    def _since_before_until(self, data: Mapping[str, Any], **_: Any) -> None:
        _inputs.in_order(data, since="since", until="until")


@group.action(
    "listChangelog",
    title="List changelog",
    inputs=ListChangelogInputs,
    operations=[SEARCH_ISSUES, FETCH_CHANGELOGS, BULK_FETCH_ISSUES, LIST_FIELDS, COUNT_ISSUES],
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

    Issues that were deleted or hidden before their changes were read are missed aloud: the table is incomplete then.

    Raises:
        InputError: there is no such field, or several of the name.
        JiraInvalidError: Jira does not understand the query.

    Source: POST /rest/api/3/search/jql, POST /rest/api/3/changelog/bulkfetch, POST /rest/api/3/issue/bulkfetch
    """
    catalogue = jira.catalogue() if fields_ else None
    wanted = ChangeFilter.of(tuple(fields_), catalogue, Span.of(since, until))
    asked = wanted.asked if len(wanted.asked) <= MAX_FIELD_IDS else ()

    def rows_of(issues: list[_Found]) -> Iterator[tuple[list[dict[str, Any]], str | None]]:
        known = {issue.id: issue for issue in issues}
        doubted = []
        for changelog in read_changelogs(jira, known, asked):
            issue = known[changelog.issue_id]
            if is_doubted(changelog, issue.created_at, issue.updated_at):
                doubted.append(issue.id)
            yield (
                [
                    {**row, "_raw": history} if raw else row
                    for history in changelog.histories
                    for row in change_rows(history, issue.id, issue.key, jira.site_url, wanted)
                ],
                None,
            )
        yield [], _why_missing(jira, doubted, all_changes_read=not asked)

    found = gather(jira, changed_since(jql, since), TIME_FIELDS, max_rows=max_rows, make=_found, rows_of=rows_of)
    return Table(CHANGE_COLUMNS, found.rows, found.incomplete_reason)


def _found(issue: Mapping[str, Any]) -> _Found:
    fields = issue.get("fields")
    times = fields if isinstance(fields, dict) else {}
    created_at, updated_at = (seconds_of(times.get(name)) for name in TIME_FIELDS)
    return _Found(str(issue.get("id")), str(issue.get("key")), created_at, updated_at)


def _why_missing(jira: JiraClient, doubted: Sequence[str], *, all_changes_read: bool) -> str | None:
    """Return why changes of issues in doubt are missing, or may be, and warn of that; None where none are."""
    found = presence(jira, doubted, all_changes_read=all_changes_read)
    if found.gone:
        jira.warnings.append(
            f"{len(found.gone)} of the issues found were deleted or hidden before all of their changes were read"
        )
    if found.unknown:
        jira.warnings.append(
            f"whether {len(found.unknown)} issues are still there could not be read; changes of one that is not are "
            "missing"
        )
    return "issue_not_found" if found.gone else found.why_unknown
