"""Actions that keep a copy of issues up to date."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from marshmallow import Schema

from vantage_jira_plugin.fields.system import DEFAULT_ISSUE_FIELDS
from vantage_jira_plugin.operations import (
    BULK_FETCH_ISSUES,
    COUNT_ISSUES,
    LIST_FIELDS,
    SEARCH_ISSUES,
    SEARCH_PROJECTS,
)
from vantage_jira_plugin.reading.rows import issue_table
from vantage_jira_plugin.reading.sizes import MAX_PAGE_SIZE
from vantage_jira_plugin.rehearsal import Estimate
from vantage_jira_plugin.schemas import Flag, Text, WholeNumber
from vantage_jira_plugin.syncing.beginning import Wish, outlook
from vantage_jira_plugin.syncing.census import PERIODS
from vantage_jira_plugin.syncing.columns import change_columns
from vantage_jira_plugin.syncing.sync import synced

from . import _estimates, _inputs
from ._action import ActionGroup

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from vantage_jira_plugin.client import JiraClient
    from vantage_jira_plugin.envelope import Table

group = ActionGroup("sync")

#: Longest state accepted: 2 million issues at worst, when keys do not rise with ids, all have changed just now, and a
#: count is under way; many times more else.
_MAX_STATE_LENGTH = 50_000_000
#: A week: Jira's index was seen hours late (estuary/connectors#3486).
_MAX_LOOK_BACK_MINUTES = 7 * 24 * 60


class SyncIssuesInputs(Schema):
    """Inputs of syncIssues."""

    jql = _inputs.jql(
        "Query in JQL of the issues to follow, with at least one restriction and without ORDER BY.",
        example="project = DEV",
    )
    fields_ = _inputs.field_names()
    state = Text(
        max_length=_MAX_STATE_LENGTH,
        pattern=r"[A-Za-z0-9._=-]+",
        right="metadata.state of an earlier call, as it was",
        metadata={"description": "What the call before answered as metadata.state; not given at the first call."},
    )
    max_rows = _inputs.max_rows(default=10_000, maximum=100_000)
    look_back_minutes = WholeNumber(
        minimum=0,
        maximum=_MAX_LOOK_BACK_MINUTES,
        load_default=10,
        data_key="lookBackMinutes",
        metadata={"description": "How late Jira's search may see a change; so much is read again, and not told again."},
    )
    census_every = Text(
        max_length=10,
        pattern="|".join(PERIODS),
        right=f"one of {', '.join(PERIODS)}",
        load_default="daily",
        data_key="censusEvery",
        metadata={
            "description": "How often all ids are counted, which finds issues that were deleted, moved or archived: "
            f"{', '.join(PERIODS)}. It costs a point for each issue."
        },
    )
    census = Flag(metadata={"description": "Count all ids now."})
    confirm_deletions = Flag(
        data_key="confirmDeletions",
        metadata={"description": "Tell deletions even where more than half of the issues are gone at once."},
    )


def _estimate(jira: JiraClient, parameters: Mapping[str, Any]) -> Estimate:
    """Return the cost of as many changes as Jira counts now, at most the rows wanted, and of a count that is due.

    Source: POST /rest/api/3/search/approximate-count
    """
    wish = _wish(**parameters)
    jql, counted = outlook(jira, wish)
    plain = not any(name.startswith(("*", "-")) for name in wish.fields)
    fields = [*wish.fields, "created", "updated"] if plain else wish.fields
    pages = math.ceil(counted / MAX_PAGE_SIZE)
    search = {"jql": jql, "fields_": fields, "max_rows": wish.max_rows}
    return _estimates.of_search(jira, search) + Estimate(pages, pages + counted)


@group.action(
    "syncIssues",
    title="Sync issues",
    inputs=SyncIssuesInputs,
    operations=[SEARCH_ISSUES, BULK_FETCH_ISSUES, SEARCH_PROJECTS, LIST_FIELDS, COUNT_ISSUES],
    columns=change_columns(issue_table(DEFAULT_ISSUE_FIELDS, None).columns),
    open_columns=True,
    estimate=_estimate,
)
def sync_issues(
    jira: JiraClient,
    *,
    jql: str,
    fields_: Sequence[str],
    state: str | None,
    max_rows: int,
    look_back_minutes: int,
    census_every: str,
    census: bool,
    confirm_deletions: bool,
) -> Table:
    """Return the issues that changed since an earlier call, as flat rows, and the state to hand in next time.

    A row says in `change` what happened: `created`, `updated` or `moved` (another key), `deleted`, `archived`, `lost`
    (its project is not to be seen any more) or `left` (the query does not find it any more). `inQuery` tells whether
    to keep the issue. Each change comes at least once; what is stored by id is a copy.

    Raises:
        InputError: the query has an order, or the state is not one of this site, query and fields.
        JiraInvalidError: Jira does not understand the query.

    Source: POST /rest/api/3/search/jql
    """
    return synced(
        jira,
        _wish(
            jql=jql,
            fields_=fields_,
            state=state,
            max_rows=max_rows,
            look_back_minutes=look_back_minutes,
            census_every=census_every,
            census=census,
            confirm_deletions=confirm_deletions,
        ),
    )


def _wish(*, fields_: Sequence[str], **parameters: Any) -> Wish:
    return Wish(fields=fields_, **parameters)
