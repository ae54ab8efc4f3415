"""`vantage-jira plugins`: what an administrator allows and sets for every credential. No loading is here."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

from vantage_jira_plugin.host.application import HOST_CONNECTOR
from vantage_jira_plugin.host.arguments import assignments
from vantage_jira_plugin.host.errors import HostError
from vantage_jira_plugin.host.tables import write_record, write_rows

from .options import Setup, format_option, note, pass_setup, stdout

if TYPE_CHECKING:
    from vantage_jira_plugin.host.tables import Format

__all__ = ["plugins"]

#: Columns of the list of plugins.
COLUMNS = ("name", "state", "title", "version", "settings", "problem")


@click.group()
def plugins() -> None:
    """Administer plugins."""


@plugins.command("list")
@format_option
@pass_setup
def list_plugins(setup: Setup, form: Format) -> None:
    """List the plugins: loaded, disabled or failed."""
    known, store = setup.host.plugins, setup.host.settings
    rows = []
    for name in known.names:
        manifest = known.manifest(name)
        shown = {"state": "enabled", "title": manifest.get("title"), "version": manifest.get("version")}
        rows.append({"name": name, **shown})
    rows += [{"name": name, "state": "disabled"} for name in sorted(known.disabled)]
    rows += [{"name": name, "state": "failed", "problem": text} for name, text in known.failed.items()]
    for row in rows:
        row["settings"] = json.dumps(store.settings(str(row["name"])))
    write_rows([{**dict.fromkeys(COLUMNS), **row} for row in rows], COLUMNS, form, stdout())


@plugins.command()
@click.argument("name")
@pass_setup
def enable(setup: Setup, name: str) -> None:
    """Let a plugin be loaded again."""
    known = setup.host.plugins
    if name not in known.disabled:
        known.require(name)
    setup.host.settings.set_enabled(name, enabled=True)
    note(f"plugin {name!r} is enabled")


@plugins.command()
@click.argument("name")
@pass_setup
def disable(setup: Setup, name: str) -> None:
    """Stop loading a plugin."""
    known = setup.host.plugins
    if name == HOST_CONNECTOR:
        raise HostError("the host's own actions cannot be disabled")
    if name not in known.disabled and name not in known.failed:
        known.require(name)
    setup.host.settings.set_enabled(name, enabled=False)
    note(f"plugin {name!r} is disabled")


@plugins.command()
@click.argument("name")
@click.option("--set", "texts", metavar="NAME=VALUE", multiple=True, help="Set one; may be repeated.")
@click.option("--unset", "unset", metavar="NAME", multiple=True, help="Take one back to its default.")
@format_option
@pass_setup
def settings(setup: Setup, name: str, texts: tuple[str, ...], unset: tuple[str, ...], form: Format) -> None:
    """Show or change a plugin's settings for every credential; secrets are refused."""
    schema = setup.host.plugins.manifest(name).get("settings", {})
    store = setup.host.settings
    current = store.settings(name)
    changed = {**current, **assignments(texts, schema)}
    for setting in unset:
        changed.pop(setting, None)
    unknown = [setting for setting in changed if setting not in schema.get("properties", {setting: None})]
    if unknown:
        raise HostError(f"plugin {name!r} has no setting {', '.join(unknown)}")
    if changed != current:
        store.set_settings(name, changed)
    write_record(changed, form, stdout())
