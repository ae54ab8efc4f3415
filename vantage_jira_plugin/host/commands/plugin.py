"""`vantage-jira plugins`: what an administrator allows and sets for every credential. No loading is here."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import click

from vantage_jira_plugin.contract import SettingsError
from vantage_jira_plugin.host.application import HOST_CONNECTOR
from vantage_jira_plugin.host.arguments import assignments, misfit, schema_of
from vantage_jira_plugin.host.errors import HostError
from vantage_jira_plugin.host.tables import write_record, write_rows

from .options import Setup, format_option, note, pass_setup, stdout

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from vantage_jira_plugin.host.application import Host
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
    host = setup.host
    schema = host.plugins.manifest(name).get("settings", {})
    current = host.settings.settings(name)
    new = assignments(texts, schema, noun="setting", example="--set readOnly=true")
    changed = {setting: value for setting, value in {**current, **new}.items() if setting not in unset}
    _check_names(new, unset, {*current, *schema.get("properties", {})})
    _check_values(texts, new, schema)
    _check_with_plugin(host, name, changed, new)
    unknown = [setting for setting in new if setting not in schema.get("properties", {setting: None})]
    if unknown:
        raise HostError(f"plugin {name!r} has no setting {', '.join(unknown)}")
    if changed != current:
        host.settings.set_settings(name, changed)
    if form == "table":
        changed = {setting: json.dumps(value, ensure_ascii=False) for setting, value in changed.items()}
        if not changed:
            note(f"nothing is set; vantage-jira manifest {name} lists the settings with their defaults")
    write_record(changed, form, stdout())


def _check_names(new: Collection[str], unset: Collection[str], known: Collection[str]) -> None:
    both = sorted(set(new) & set(unset))
    if both:
        raise HostError(f"--set and --unset name the same setting: {', '.join(both)}")
    strange = [setting for setting in unset if setting not in known]
    if strange:
        raise HostError(f"there is no setting {', '.join(strange)} to take back")


def _check_values(texts: Sequence[str], new: Mapping[str, Any], schema: Mapping[str, Any]) -> None:
    """Check values by the plugin's own schema."""
    for setting, _, text in (text.partition("=") for text in texts):
        if not text.strip():
            raise HostError(f"setting {setting!r} is empty", hint=f"--unset {setting} takes it back to its default")
    misfits = {setting: misfit(value, schema_of(setting, schema)) for setting, value in new.items()}
    problems = {setting: [what] for setting, what in misfits.items() if what}
    if problems:
        raise _refusal(problems)


def _check_with_plugin(host: Host, name: str, changed: Mapping[str, Any], new: Collection[str]) -> None:
    """Let the plugin look at the settings; what it says of others than the new ones is not this command's fault."""
    if not new:
        return
    try:
        host.check(name, changed)
    except SettingsError as error:
        problems = {field: texts for field, texts in error.errors.items() if field.split(".")[0] in new}
        if problems:
            raise _refusal(problems, error.hint) from None


def _refusal(problems: Mapping[str, list[str]], hint: str | None = None) -> HostError:
    return HostError(f"nothing was set: {', '.join(problems)} not usable", errors=problems, hint=hint)
