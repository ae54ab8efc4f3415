"""`vantage-jira credential`: stored credentials, never shown whole. How they are stored is elsewhere."""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click

from vantage_jira_plugin.host.errors import HostError
from vantage_jira_plugin.host.keys import KeyFile
from vantage_jira_plugin.host.sealing import SealingKey
from vantage_jira_plugin.host.tables import counted, write_record, write_rows

from .options import Setup, credential_option, format_option, note, pass_setup, stdout

if TYPE_CHECKING:
    from vantage_jira_plugin.host.credential_store import Credential
    from vantage_jira_plugin.host.tables import Format

__all__ = ["DEFAULT_CONNECTOR", "DEFAULT_SERVICE", "credential"]

#: Connector of a credential that names none.
DEFAULT_CONNECTOR = "jira"
#: Service of a credential that names none.
DEFAULT_SERVICE = "vantage-jira"
#: Entries of a record that may be shown; anything else is masked, also what a later plugin adds.
SHOWN_ENTRIES = frozenset({"cloudId", "tokenExpiry", "siteName", "siteUrl", "scopes", "accountId"})
#: What is shown of a secret.
MASK = "********"
#: Columns of a list of credentials.
COLUMNS = ("credentialId", "connector", "serviceId", "clientId", "site", "stored", "updatedAt")
#: How long `import` waits for a credential in use, in seconds.
IMPORT_TIMEOUT_SECONDS = 30.0


@click.group()
def credential() -> None:
    """Keep credentials: records of tokens, sealed at rest."""


@credential.command("import")
@credential_option
@click.option("--client-id", required=True, metavar="C", help="OAuth 2.0 client id the tokens belong to.")
@click.option("--service", "service_id", default=DEFAULT_SERVICE, show_default=True, metavar="S")
@click.option("--connector", default=DEFAULT_CONNECTOR, show_default=True, metavar="NAME")
@pass_setup
def import_record(setup: Setup, credential_id: str, client_id: str, service_id: str, connector: str) -> None:
    """Read a record as JSON on stdin and store it sealed."""
    if sys.stdin.isatty():
        note("paste the record as JSON, then press Ctrl-D")
    record = _record(sys.stdin.read())
    store = setup.host.credentials
    store.register(credential_id, connector=connector, service_id=service_id, client_id=client_id)
    with store.exclusive(credential_id, timeout_seconds=IMPORT_TIMEOUT_SECONDS) as transaction:
        replaced = transaction.record is not None
        transaction.save(record)
    note(f"credential {credential_id!r} {'replaced' if replaced else 'stored'}")


@credential.command("list")
@format_option
@pass_setup
def list_credentials(setup: Setup, form: Format) -> None:
    """List the stored credentials."""
    rows = [_row(one) for one in setup.host.credentials.everything()]
    write_rows(rows, COLUMNS, form, stdout())


@credential.command("show")
@credential_option
@format_option
@pass_setup
def show(setup: Setup, credential_id: str, form: Format) -> None:
    """Show one credential, its secrets masked."""
    found = setup.host.credential(credential_id)
    row = {**_row(found), "version": found.version, "createdAt": _moment(found.created_at)}
    record = setup.host.credentials.read(credential_id)
    write_record({**row, **_masked(record or {})}, form, stdout())


@credential.command("remove")
@credential_option
@pass_setup
def remove(setup: Setup, credential_id: str) -> None:
    """Forget a credential altogether."""
    setup.host.credential(credential_id)
    setup.host.credentials.remove(credential_id)
    note(f"credential {credential_id!r} removed; the app keeps its grant until the person revokes it")


@credential.command("rotate-keys")
@click.option("--new-key", is_flag=True, help="Put a new key into the key file first.")
@click.option("--forget-old", is_flag=True, help="Take the older keys out of the key file afterwards.")
@pass_setup
def rotate_keys(setup: Setup, *, new_key: bool, forget_old: bool) -> None:
    """Seal every record again with the newest key; safe to stop and start again."""
    host = setup.host
    if (new_key or forget_old) and not isinstance(host.keys, KeyFile):
        raise HostError("the keys come from VANTAGE_RECORD_KEYS, which this command cannot change")
    if new_key and isinstance(host.keys, KeyFile):
        host.keys.add(SealingKey.generate())
    changed = host.credentials.rotate()
    if forget_old and isinstance(host.keys, KeyFile):
        host.keys.keep_newest()
    note(f"{counted(changed, 'record')} sealed again with key {host.keys.newest_first()[0].id}")


def _record(text: str) -> dict[str, Any]:
    hint = 'example: {"accessToken": "...", "refreshToken": "...", "cloudId": null, "tokenExpiry": null}'
    try:
        record = json.loads(text)
    except ValueError:  # its text could repeat a token
        raise HostError("stdin holds no JSON", hint=hint) from None
    if not isinstance(record, dict):
        raise HostError("the record must be a JSON object", hint=hint)
    if not any(isinstance(record.get(name), str) and record[name] for name in ("accessToken", "refreshToken")):
        raise HostError("the record holds neither an accessToken nor a refreshToken", hint=hint)
    return record


def _row(one: Credential) -> dict[str, Any]:
    values = (
        one.credential_id,
        one.connector,
        one.service_id,
        one.client_id,
        one.settings.get("siteUrl"),
        one.sealed is not None,
        _moment(one.updated_at),
    )
    return dict(zip(COLUMNS, values, strict=True))


def _masked(record: dict[str, Any]) -> dict[str, Any]:
    return {name: value if value is None or name in SHOWN_ENTRIES else MASK for name, value in record.items()}


def _moment(epoch_seconds: float) -> str:
    return datetime.fromtimestamp(epoch_seconds, UTC).isoformat(timespec="seconds")
