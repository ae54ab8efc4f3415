"""`connect`, `status` and `disconnect`: what a credential is worth. How OAuth works is the plugin's."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from vantage_jira_plugin.host.connect import DEFAULT_PORT
from vantage_jira_plugin.host.connect import connect as connect_in_browser
from vantage_jira_plugin.host.errors import HostError
from vantage_jira_plugin.host.tables import write_record, write_rows

from .credential import DEFAULT_CONNECTOR, DEFAULT_SERVICE
from .options import FAILED, Setup, credential_option, format_option, note, pass_setup, stdout

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from vantage_jira_plugin.contract import AuthenticateResult
    from vantage_jira_plugin.host.application import Link
    from vantage_jira_plugin.host.tables import Format

__all__ = ["connect", "disconnect", "status"]

#: How long a person may take on the consent page, in seconds.
CONSENT_TIMEOUT_SECONDS = 300.0
#: Columns of a list of sites.
SITE_COLUMNS = ("name", "url", "cloudId")
#: Setting that chooses a site.
SITE = "siteUrl"

site_option = click.option("--site", metavar="URL", help="The site to use; kept for this credential where it works.")


@click.command()
@credential_option
@click.option("--client-id", metavar="C", help="OAuth 2.0 client id; needed the first time.")
@click.option("--service", "service_id", metavar="S", help=f"Service id, {DEFAULT_SERVICE} where none is given.")
@click.option("--connector", metavar="NAME", help=f"Plugin, {DEFAULT_CONNECTOR} where none is given.")
@site_option
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=DEFAULT_PORT,
    show_default=True,
    help="Port of the callback URL http://127.0.0.1:PORT/callback; 0 takes a free one.",
)
@click.option("--no-browser", is_flag=True, help="Only print the address to open.")
@click.option("--service-account", is_flag=True, help="Log in with the app's own id and secret; nobody consents.")
@click.option(
    "--timeout",
    "timeout_seconds",
    type=click.FloatRange(min=0, min_open=True),
    default=CONSENT_TIMEOUT_SECONDS,
    show_default=True,
    help="Seconds to wait for the person.",
)
@format_option
@click.pass_context
def connect(
    ctx: click.Context,
    *,
    credential_id: str,
    client_id: str | None,
    service_id: str | None,
    connector: str | None,
    site: str | None,
    port: int,
    no_browser: bool,
    service_account: bool,
    timeout_seconds: float,
    form: Format,
) -> None:
    """Connect a credential: OAuth in the browser, or as a service account."""
    setup = ctx.ensure_object(Setup)
    store = setup.host.credentials
    known = store.get(credential_id)
    if known is None and client_id is None:
        raise HostError(f"credential {credential_id!r} is new", hint="--client-id C names the OAuth app")
    connector = connector or (known.connector if known else DEFAULT_CONNECTOR)
    setup.host.plugins.require(connector)
    registration = {
        "connector": connector,
        "service_id": service_id or (known.service_id if known else DEFAULT_SERVICE),
        "client_id": client_id or (known.client_id if known else ""),
    }
    if known is None:
        store.register(credential_id, **registration)
    own = {**setup.host.credential(credential_id).settings, "serviceAccount": service_account or None}
    with _candidate(setup, credential_id, own, site, registration) as trial:
        if service_account:
            trial.answer = trial.link.authenticate()
        else:
            trial.answer = connect_in_browser(
                trial.link,
                port=port,
                timeout_seconds=timeout_seconds,
                announce=lambda url: note(f"open this address to connect:\n{url}"),
                open_browser=(lambda _url: None) if no_browser else setup.open_browser,
            )
    _finish(ctx, credential_id, trial, form)


@click.command()
@credential_option
@site_option
@format_option
@click.pass_context
def status(ctx: click.Context, *, credential_id: str, site: str | None, form: Format) -> None:
    """Check what a credential is worth now, with one call."""
    setup = ctx.ensure_object(Setup)
    with _candidate(setup, credential_id, setup.host.credential(credential_id).settings, site) as trial:
        trial.answer = trial.link.authenticate()
    _finish(ctx, credential_id, trial, form)


@click.command()
@credential_option
@pass_setup
def disconnect(setup: Setup, credential_id: str) -> None:
    """Forget a credential's tokens; its client id and site stay."""
    setup.host.link(credential_id).disconnect()
    note(f"credential {credential_id!r} is disconnected")


@dataclass
class _Trial:
    """A connection with settings that are kept only where it works."""

    link: Link
    settings: Mapping[str, Any]
    answer: AuthenticateResult | None = None


@contextmanager
def _candidate(
    setup: Setup,
    credential_id: str,
    settings: Mapping[str, Any],
    site: str | None = None,
    registration: Mapping[str, str] | None = None,
) -> Iterator[_Trial]:
    """Try `settings` and `site` on a credential: they are kept where the plugin answers `connected`.

    How a login is made, and for which app, is kept as soon as it has led to one, also where its site is still
    to be chosen. Until then the login that works goes on with its own.
    """
    store = setup.host.credentials
    kept = setup.host.credential(credential_id).settings
    own = {name: value for name, value in settings.items() if value is not None}
    if site is not None:
        own[SITE] = _plain(site)
    trial = _Trial(setup.host.link(credential_id, own, registration), own)
    try:
        yield trial
    finally:
        answer = trial.answer["status"] if trial.answer else None
        if answer == "choose_site":
            own = {name: value for name, value in own.items() if name != SITE}
            own |= {SITE: kept[SITE]} if SITE in kept else {}
        if answer in {"connected", "choose_site"}:
            if registration is not None:
                store.register(credential_id, **registration)
            if own != kept:
                store.set_settings(credential_id, own)
        if answer != "connected" and site is not None:
            before = f"{kept[SITE]} stays" if SITE in kept else "what was used before stays"
            note(f"site {_plain(site)} is not kept; {before}")


def _plain(site: str) -> str:
    """Return a site's address without a slash at its end."""
    plain = site.strip().rstrip("/")
    if not plain:
        raise HostError("--site is empty", hint="--site https://acme.atlassian.net")
    return plain


def _finish(ctx: click.Context, credential_id: str, trial: _Trial, form: Format) -> None:
    """Print what the plugin answered and end with a status that says whether the credential can be used."""
    answer: Any = trial.answer
    if answer["status"] == "choose_site" and form != "json":
        write_rows(answer["sites"], SITE_COLUMNS, form, stdout())
    else:
        write_record(_shown(answer, form), form, stdout())
    for warning in answer.get("warnings", ()):
        note(f"warning: {warning}")
    if answer["status"] == "connected":
        return
    if answer.get("message"):
        note(str(answer["message"]))
    if answer["status"] == "choose_site":
        note(f"choose one: vantage-jira status --credential {credential_id} --site URL")
    else:
        how = " --service-account" if trial.settings.get("serviceAccount") else ""
        note(f"to connect it: vantage-jira connect --credential {credential_id}{how}")
    ctx.exit(FAILED)


def _shown(answer: Mapping[str, Any], form: Format) -> dict[str, Any]:
    """Return what is printed: everything as JSON, else what is known, with the unusable actions in words."""
    if form == "json":
        return dict(answer)
    shown = {name: value for name, value in answer.items() if value not in (None, []) and name != "warnings"}
    actions = shown.pop("actions", [])
    if actions:
        lacking = [
            f"{action['name']} (needs {' '.join(action['missingScopes'])})"
            for action in actions
            if not action["usable"]
        ]
        shown["usableActions"] = [action["name"] for action in actions if action["usable"]]
        shown |= {"unusableActions": lacking} if lacking else {}
    return shown
