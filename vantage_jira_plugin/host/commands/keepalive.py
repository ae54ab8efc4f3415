"""`keepAlive`: logins that rest are renewed before they lapse; for a scheduler. How is the plugin's business."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from vantage_jira_plugin.contract import PluginError
from vantage_jira_plugin.host.errors import HostError
from vantage_jira_plugin.host.failures import error_body
from vantage_jira_plugin.host.sealing import SealedRecordError
from vantage_jira_plugin.host.tables import write_rows

from .action import action_schemas
from .credential import TOKENS
from .options import FAILED, Setup, format_option, note, own_error, stdout, with_own_hint

if TYPE_CHECKING:
    from collections.abc import Mapping

    from vantage_jira_plugin.host.application import Host
    from vantage_jira_plugin.host.credential_store import Credential
    from vantage_jira_plugin.host.tables import Format

__all__ = ["keep_alive"]

#: The action that a plugin offers for it.
ACTION = "keepAlive"
COLUMNS = ("credentialId", "renewed", "tokenExpiry", "grantExpiry", "error", "code", "hint")


@click.command(name=ACTION)
@click.option("--credential", "credential_ids", metavar="ID", multiple=True, help="A credential; may be repeated.")
@click.option("--all", "every", is_flag=True, help="Every credential that has a login and whose plugin can.")
@click.option(
    "--idle-days",
    type=click.IntRange(0, 89),
    help="Renew what was not renewed for so many days; the jira plugin takes 30 where none are given.",
)
@format_option
@click.pass_context
def keep_alive(
    ctx: click.Context, *, credential_ids: tuple[str, ...], every: bool, idle_days: int | None, form: Format
) -> None:
    """Renew logins that rest, so that none lapses for lack of use; run it daily.

    Each credential is tried, whatever becomes of the others; the exit status is 1 if any failed.
    """
    host = ctx.ensure_object(Setup).host
    if every == bool(credential_ids):
        raise HostError("say which logins to keep alive", hint="--credential ID, or --all")
    wanted = [host.credential(credential_id).credential_id for credential_id in credential_ids] or _able(host)
    inputs = {} if idle_days is None else {"idleDays": idle_days}
    rows = [_kept_alive(host, credential_id, inputs) for credential_id in wanted]
    write_rows(rows, COLUMNS, form, stdout())
    if any(row["error"] for row in rows):
        ctx.exit(FAILED)


def _able(host: Host) -> list[str]:
    """Return the credentials that have a login and whose plugin offers the action."""
    able = [
        credential
        for credential in host.credentials.everything()
        if credential.sealed is not None
        and credential.connector in host.plugins.names
        and ACTION in action_schemas(host, credential.connector)
    ]
    idle = [credential.credential_id for credential in able if not _has_login(host, credential)]
    if idle:
        note(f"without a login, nothing to keep alive: {', '.join(idle)}")
    return [credential.credential_id for credential in able if credential.credential_id not in idle]


def _has_login(host: Host, credential: Credential) -> bool:
    """Tell whether the record holds a token; one that does not open is tried, and fails with the reason."""
    try:
        record = host.sealer.open(credential.sealed or "", credential_id=credential.credential_id)
    except (SealedRecordError, HostError):
        return True
    return any(record.get(name) for name in TOKENS)


def _kept_alive(host: Host, credential_id: str, inputs: dict[str, Any]) -> dict[str, Any]:
    """Try one credential; return its row, whatever becomes of it."""
    try:
        envelope: Mapping[str, Any] = host.link(credential_id).execute(ACTION, inputs, {"nodeType": ACTION})
    except PluginError as error:
        envelope = {"error": error_body(error, ACTION)}
    except (HostError, OSError, SealedRecordError) as error:
        envelope = {"error": own_error(error)}
    row: dict[str, Any] = {**dict.fromkeys(COLUMNS), "credentialId": credential_id, "renewed": False}
    if "error" in envelope:
        failure = with_own_hint(envelope["error"])
        return {**row, "error": failure["message"], "code": failure["code"], "hint": failure["hint"]}
    return {**row, **envelope["output1"]["data"][0]}
