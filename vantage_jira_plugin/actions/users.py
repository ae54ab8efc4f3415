"""Actions about the users of a site."""

from __future__ import annotations

from typing import TYPE_CHECKING

from marshmallow import Schema

from vantage_jira_plugin.envelope import Table
from vantage_jira_plugin.operations import LIST_USERS
from vantage_jira_plugin.reading.users import USER_COLUMNS, read_users, user_row
from vantage_jira_plugin.schemas import Flag, Text

from . import _inputs, _part_estimates
from ._action import ActionGroup, rows

if TYPE_CHECKING:
    from vantage_jira_plugin.client import JiraClient

group = ActionGroup("users")


class ListUsersInputs(Schema):
    """Inputs of listUsers."""

    account_type = Text(
        max_length=9,
        pattern="atlassian|app|customer|unknown",
        right="atlassian, app, customer or unknown",
        data_key="accountType",
        metadata={"description": "Only accounts of this type: atlassian (people), app, customer, unknown."},
    )
    active_only = Flag(data_key="activeOnly", metadata={"description": "Only accounts that are active."})
    max_rows = _inputs.max_rows(default=10_000, maximum=1_000_000)
    raw = _inputs.raw()


@group.action(
    "listUsers",
    title="List users",
    inputs=ListUsersInputs,
    operations=[LIST_USERS],
    columns=USER_COLUMNS,
    estimate=_part_estimates.of_users,
)
def list_users(jira: JiraClient, *, account_type: str | None, active_only: bool, max_rows: int, raw: bool) -> Table:
    """List the users of the site, with those that are not active any more.

    Jira answers an account that may not browse users with an empty list, which is then told as incomplete. Users
    belong to no project, so that `allowedProjects` does not confine them.

    Source: GET /rest/api/3/users/search
    """
    users, reason = read_users(
        jira,
        max_rows=max_rows,
        keep=lambda user: (
            account_type in (None, user.get("accountType")) and (not active_only or user.get("active") is True)
        ),
    )
    if reason == "permission":
        jira.warnings.append("Jira lists no user: this account may lack the global permission Browse users and groups")
    return Table(USER_COLUMNS, rows(users, user_row, jira.site_url, raw=raw), reason)
