"""`vantage-jira credential`: stored credentials, never shown whole. How they are stored is elsewhere."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

import click

from vantage_jira_plugin.contract import SettingsError
from vantage_jira_plugin.host.errors import HostError
from vantage_jira_plugin.host.keys import KeyFile
from vantage_jira_plugin.host.moments import iso_moment, iso_text
from vantage_jira_plugin.host.sealing import SealedRecordError, SealingKey
from vantage_jira_plugin.host.tables import counted, write_record, write_rows

from .options import Setup, credential_option, format_option, note, pass_setup, stdout

if TYPE_CHECKING:
    from vantage_jira_plugin.host.application import Host
    from vantage_jira_plugin.host.credential_store import Credential
    from vantage_jira_plugin.host.tables import Format

__all__ = ["DEFAULT_CONNECTOR", "DEFAULT_SERVICE", "TOKENS", "credential"]

#: Connector of a credential that names none.
DEFAULT_CONNECTOR = "jira"
#: Service of a credential that names none.
DEFAULT_SERVICE = "vantage-jira"
#: Entries of a record that may be shown; anything else is masked, also what a later plugin adds.
SHOWN_ENTRIES = frozenset({"cloudId", "tokenExpiry", "siteName", "siteUrl", "scopes", "accountId"})
#: What is shown of a secret.
MASK = "********"
#: Columns of a list of credentials.
COLUMNS = ("credentialId", "connector", "clientId", "site", "hasLogin", "updatedAt")
#: How names of entries that hold a plain time end.
TIME_ENDINGS = ("At", "Expiry")
#: Entries of a record that are a login.
TOKENS = ("accessToken", "refreshToken")
#: Lock of the key file: keys are added and forgotten by one at a time.
KEYS_LOCK = "keys"
#: How long `rotate-keys` waits for another, in seconds.
KEYS_TIMEOUT_SECONDS = 30.0
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
    try:
        setup.host.check(
            connector, {}, record=record, service_id=service_id, client_id=client_id, credential_id=credential_id
        )
    except SettingsError as error:
        raise HostError(
            f"nothing was stored: plugin {connector!r} cannot use this credential", errors=error.errors, hint=error.hint
        ) from None
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
    rows = [_row(one, _known_record(setup.host, one)) for one in setup.host.credentials.everything()]
    write_rows(rows, COLUMNS, form, stdout())


@credential.command("show")
@credential_option
@format_option
@pass_setup
def show(setup: Setup, credential_id: str, form: Format) -> None:
    """Show one credential, its secrets masked."""
    found = setup.host.credential(credential_id)
    record = setup.host.credentials.read(credential_id) or {}
    row = {**_row(found, record), "serviceId": found.service_id, "createdAt": iso_moment(found.created_at)}
    write_record({**row, **_masked(record)}, form, stdout())


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
    with host.database.locks.hold(KEYS_LOCK, timeout_seconds=KEYS_TIMEOUT_SECONDS):
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
    if not any(isinstance(record.get(name), str) and record[name] for name in TOKENS):
        raise HostError("the record holds neither an accessToken nor a refreshToken", hint=hint)
    return record


def _known_record(host: Host, one: Credential) -> dict[str, Any]:
    """Return what is in the record; nothing, and a word about it, where it does not open."""
    if one.sealed is None:
        return {}
    try:
        return host.sealer.open(one.sealed, credential_id=one.credential_id)
    except HostError as error:
        note(f"credential {one.credential_id!r}: {error.message}")
    except SealedRecordError as error:
        note(f"credential {one.credential_id!r}: {error}")
    return {}


def _row(one: Credential, record: dict[str, Any]) -> dict[str, Any]:
    values = (
        one.credential_id,
        one.connector,
        one.client_id,
        one.settings.get("siteUrl") or record.get("siteUrl"),
        any(record.get(name) for name in TOKENS),
        iso_moment(one.updated_at),
    )
    return dict(zip(COLUMNS, values, strict=True))


def _masked(record: dict[str, Any]) -> dict[str, Any]:
    """Return the record without secrets; every entry that is not known to be harmless counts as one."""
    return {name: _shown(name, value) for name, value in record.items()}


def _shown(name: str, value: Any) -> Any:
    moment = iso_text(value) if name.endswith(TIME_ENDINGS) else None
    if moment is not None:
        return moment
    return value if value is None or name in SHOWN_ENTRIES else MASK
