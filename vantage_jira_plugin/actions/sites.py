"""Actions about the sites that a login reaches."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from marshmallow import Schema

from vantage_jira_plugin.envelope import Table

from . import _estimates, _inputs
from ._action import ActionGroup

if TYPE_CHECKING:
    from vantage_jira_plugin.client import JiraClient
    from vantage_jira_plugin.contract import Column

group = ActionGroup("sites")

_COLUMNS: tuple[Column, ...] = (
    {"name": "cloudId", "type": "string", "title": "Cloud id"},
    {"name": "name", "type": "string", "title": "Name"},
    {"name": "url", "type": "string", "title": "URL"},
    {"name": "scopes", "type": "list", "title": "Scopes"},
)


class ListSitesInputs(Schema):
    """Inputs of listSites."""

    raw = _inputs.raw()


@group.action(
    "listSites",
    title="List sites",
    inputs=ListSitesInputs,
    operations=[],
    columns=_COLUMNS,
    estimate=_estimates.of_sites,
)
def list_sites(jira: JiraClient, *, raw: bool) -> Table:
    """List the Jira sites that the login reaches.

    Source: GET /oauth/token/accessible-resources
    """
    rows: list[dict[str, Any]] = [dict(site) for site in jira.sites()]
    return Table(_COLUMNS, [{**row, "_raw": dict(row)} if raw else row for row in rows])
