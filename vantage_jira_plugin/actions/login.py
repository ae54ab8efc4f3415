"""Actions about the login itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from marshmallow import Schema

from vantage_jira_plugin.auth.record import iso_datetime
from vantage_jira_plugin.envelope import Table
from vantage_jira_plugin.rehearsal import Estimate
from vantage_jira_plugin.schemas import WholeNumber

from ._action import ActionGroup

if TYPE_CHECKING:
    from collections.abc import Mapping

    from vantage_jira_plugin.client import JiraClient
    from vantage_jira_plugin.contract import Column

group = ActionGroup("login")

_DAY_SECONDS = 86_400.0
#: A grant that has rested so long is renewed; it would lapse after 90 days.
_IDLE_DAYS = 30
_LONGEST_IDLE_DAYS = 89

_COLUMNS: tuple[Column, ...] = (
    {"name": "credentialId", "type": "string", "title": "Credential"},
    {"name": "renewed", "type": "boolean", "title": "Renewed"},
    {"name": "tokenExpiry", "type": "datetime", "title": "Token expiry"},
    {"name": "grantExpiry", "type": "datetime", "title": "Grant expiry"},
)


class KeepAliveInputs(Schema):
    """Inputs of keepAlive."""

    idle_days = WholeNumber(
        minimum=0,
        maximum=_LONGEST_IDLE_DAYS,
        load_default=_IDLE_DAYS,
        data_key="idleDays",
        metadata={"description": "Renew a grant that was not renewed for so many days."},
    )


def _estimate(jira: JiraClient, parameters: Mapping[str, Any]) -> Estimate:
    """Return one request to Atlassian's login where it would be renewed, else none."""
    return Estimate(requests=int(jira.login.has_rested(parameters["idle_days"] * _DAY_SECONDS)))


@group.action(
    "keepAlive",
    title="Keep login alive",
    inputs=KeepAliveInputs,
    operations=[],
    columns=_COLUMNS,
    estimate=_estimate,
)
def keep_alive(jira: JiraClient, *, idle_days: int) -> Table:
    """Renew a login that has rested, so that it does not lapse for lack of use.

    A scheduler runs this once a day or week; a grant in use is left alone.

    Raises:
        ReconnectError: the grant is gone already.

    Source: POST /oauth/token
    """
    renewed = jira.login.keep_alive(idle_days * _DAY_SECONDS, jira.budget)
    record = jira.login.record
    row = {
        "credentialId": jira.settings.credential_id,
        "renewed": renewed,
        "tokenExpiry": iso_datetime(record.expires_at),
        "grantExpiry": iso_datetime(record.lapses_at),
    }
    return Table(_COLUMNS, [row])
