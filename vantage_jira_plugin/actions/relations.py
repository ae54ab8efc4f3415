"""Actions that list what issues belong to and are linked with, as the issues themselves tell it."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from marshmallow import Schema

from vantage_jira_plugin.envelope import Table
from vantage_jira_plugin.operations import COUNT_ISSUES, LIST_FIELDS, SEARCH_ISSUES
from vantage_jira_plugin.reading.batches import MOST_ISSUES, gather
from vantage_jira_plugin.reading.links import LINK_COLUMNS, LINK_FIELDS, link_row, links_of
from vantage_jira_plugin.reading.pull import pull
from vantage_jira_plugin.reading.sprints import SPRINT_COLUMNS, sprint_field_ids, sprint_row, sprints_of

from . import _inputs, _part_estimates
from ._action import ActionGroup

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from vantage_jira_plugin.client import JiraClient

group = ActionGroup("relations")


class ListIssueLinksInputs(Schema):
    """Inputs of listIssueLinks."""

    jql = _inputs.jql("Issues whose links are meant: a query in JQL, with at least one restriction.")
    max_rows = _inputs.max_rows(default=10_000, maximum=1_000_000)
    raw = _inputs.raw()


@group.action(
    "listIssueLinks",
    title="List issue links",
    inputs=ListIssueLinksInputs,
    operations=[SEARCH_ISSUES, COUNT_ISSUES],
    columns=LINK_COLUMNS,
    estimate=_part_estimates.of_links,
)
def list_issue_links(jira: JiraClient, *, jql: str, max_rows: int, raw: bool) -> Table:
    """List the links of the issues that a query finds, each once, from the issue that links to the one it names.

    Of a linked issue in a project that the settings do not allow, key and id are told, and not what it is about.

    Raises:
        JiraInvalidError: Jira does not understand the query.

    Source: POST /rest/api/3/search/jql
    """
    seen: set[object] = set()

    def made(issue: dict[str, Any]) -> list[dict[str, Any]]:
        links = links_of(issue, jira.may_touch)
        return [{**link_row(link, issue, jira.site_url), **({"_raw": link} if raw else {})} for link in links]

    def rows_of(issues: list[list[dict[str, Any]]]) -> Iterator[tuple[list[dict[str, Any]], None]]:
        for rows in issues:
            new = [row for row in rows if row["id"] not in seen]
            seen.update(row["id"] for row in new)
            yield new, None

    found = gather(jira, jql, LINK_FIELDS, max_rows=max_rows, make=made, rows_of=rows_of)
    return Table(LINK_COLUMNS, found.rows, found.incomplete_reason)


class ListSprintsInputs(Schema):
    """Inputs of listSprints."""

    jql = _inputs.jql("Issues whose sprints are meant: a query in JQL, with at least one restriction.")
    max_rows = _inputs.max_rows(default=1000, maximum=100_000)
    raw = _inputs.raw()


@group.action(
    "listSprints",
    title="List sprints",
    inputs=ListSprintsInputs,
    operations=[SEARCH_ISSUES, LIST_FIELDS, COUNT_ISSUES],
    columns=SPRINT_COLUMNS,
    estimate=_part_estimates.of_sprints,
)
def list_sprints(jira: JiraClient, *, jql: str, max_rows: int, raw: bool) -> Table:
    """List the sprints in which the issues that a query finds are or were, with how many of them.

    They are read from the issues' own sprint field, which needs no more than `read:jira-work`. The API of Jira
    Software takes granular scopes alone (`read:sprint:jira-software`), which many apps do not have, and needs a board
    to begin with. A sprint without such an issue is not listed.

    Raises:
        JiraInvalidError: Jira does not understand the query.

    Source: POST /rest/api/3/search/jql
    """
    field_ids = sprint_field_ids(jira.catalogue())
    if not field_ids:
        jira.warnings.append("this site has no sprint field, or this account may not see it")
        return Table(SPRINT_COLUMNS, [])
    sprints: dict[str, Mapping[str, object]] = {}

    def made(issue: dict[str, Any]) -> tuple[str, ...]:
        found = sprints_of(issue, field_ids)
        sprints.update(found)  # of each one is kept, however many issues tell of it
        return tuple(found)

    pulled = pull(jira, jql, field_ids, max_rows=MOST_ISSUES, make=made)
    counts = Counter(sprint_id for of_issue in pulled.items for sprint_id in of_issue)
    rows = [
        {**sprint_row(sprints[sprint_id], count), **({"_raw": sprints[sprint_id]} if raw else {})}
        for sprint_id, count in counts.items()
    ]
    return Table(SPRINT_COLUMNS, rows[:max_rows], "maxRows" if len(rows) > max_rows else pulled.incomplete_reason)
