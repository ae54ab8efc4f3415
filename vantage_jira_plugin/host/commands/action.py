"""`actions`, `run` and `manifest`: what plugins offer, and one of it run. No action is here."""

from __future__ import annotations

import json
import sys
import uuid
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from vantage_jira_plugin.host.arguments import assignments
from vantage_jira_plugin.host.errors import HostError
from vantage_jira_plugin.host.tables import write_rows
from vantage_jira_plugin.host.yamltext import dump_yaml

from .credential import DEFAULT_CONNECTOR
from .options import Setup, credential_option, fail, format_option, note, pass_setup, stdout

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from vantage_jira_plugin.host.application import Host
    from vantage_jira_plugin.host.tables import Format

__all__ = ["actions", "manifest", "print_output", "read_inputs", "run"]

#: Columns of the catalogue.
CATALOGUE_COLUMNS = ("action", "title", "group", "writes", "destructive", "scopes")
#: Columns of one action's description.
FIELD_COLUMNS = ("kind", "name", "type", "required", "default", "description")


@click.command()
@click.argument("name", required=False)
@format_option
@pass_setup
def actions(setup: Setup, name: str | None, form: Format) -> None:
    """List the actions of every plugin, or show one action's inputs and output."""
    catalogue = dict(_catalogue(setup.host))
    if name is None:
        rows = [{"action": full_name, **action} for full_name, action in catalogue.items()]
        write_rows(rows, CATALOGUE_COLUMNS, form, stdout())
        return
    found = {full: action for full, action in catalogue.items() if name in (full, action["name"])}
    if len(found) != 1:
        names = sorted(found) or get_close_matches(name, [*catalogue, *(one["name"] for one in catalogue.values())])
        raise HostError(
            f"there is no single action {name!r}",
            hint=f"did you mean {' or '.join(names)}?" if names else "vantage-jira actions lists them",
        )
    full_name, action = found.popitem()
    note(f"{full_name}: {action.get('description') or action.get('title')}")
    write_rows(list(_fields(action)), FIELD_COLUMNS, form, stdout(), document=action)


@click.command()
@click.argument("action")
@credential_option
@click.option("--input", "texts", metavar="NAME=VALUE", multiple=True, help="One input; may be repeated.")
@click.option("--inputs", "source", metavar="FILE|-", help="Inputs as a JSON object; - is stdin.")
@click.option("--timeout", "timeout_seconds", type=click.FloatRange(min=0, min_open=True), help="Seconds.")
@click.option("--run-id", help="Id of this run, for the plugin's context; a new one by default.")
@format_option
@click.pass_context
def run(
    ctx: click.Context,
    *,
    action: str,
    credential_id: str,
    texts: tuple[str, ...],
    source: str | None,
    timeout_seconds: float | None,
    run_id: str | None,
    form: Format,
) -> None:
    """Run one action and print its table."""
    host = ctx.ensure_object(Setup).host
    connector = host.credential(credential_id).connector
    name = action.removeprefix(f"{connector}.")
    schema = action_schemas(host, connector).get(name, {}).get("inputs", {})
    inputs = {**read_inputs(source), **assignments(texts, schema)}
    context: dict[str, Any] = {"runId": run_id or str(uuid.uuid4()), "nodeType": name}
    if timeout_seconds is not None:
        context["timeoutSeconds"] = timeout_seconds
    envelope = host.link(credential_id).execute(name, inputs, context)
    if "error" in envelope:
        fail(ctx, envelope)
    print_output(envelope, form)


@click.command()
@click.argument("plugin", default=DEFAULT_CONNECTOR)
@pass_setup
def manifest(setup: Setup, plugin: str) -> None:
    """Print the manifest of a plugin as plugin.yaml."""
    stdout().write(dump_yaml(setup.host.plugins.manifest(plugin)))


def action_schemas(host: Host, connector: str) -> dict[str, Mapping[str, Any]]:
    """Return the manifest's actions of a connector by name."""
    return {action["name"]: action for action in host.plugins.manifest(connector).get("actions", [])}


def read_inputs(source: str | None) -> dict[str, Any]:
    """Return the inputs of a JSON file, of stdin for `-`, or none.

    Raises:
        HostError: the file cannot be read or holds no JSON object.
    """
    if source is None:
        return {}
    try:
        text = sys.stdin.read() if source == "-" else Path(source).read_text(encoding="utf-8")
        inputs = json.loads(text)
    except OSError as error:
        raise HostError(f"--inputs {source}: {error.strerror}") from error
    except ValueError as error:
        raise HostError(f"--inputs {source} holds no JSON: {error}") from error
    if not isinstance(inputs, dict):
        raise HostError(f"--inputs {source} must hold a JSON object")
    return inputs


def print_output(envelope: Mapping[str, Any], form: Format) -> None:
    """Print a table to stdout and what must be known about it to stderr."""
    output = envelope["output1"]
    metadata = output["metadata"]
    columns = [column["name"] for column in metadata["columns"]]
    write_rows(output["data"], columns, form, stdout(), document=envelope)
    if not metadata.get("complete", True):
        note(f"incomplete: {metadata.get('incompleteReason', 'the plugin does not say why')}")
    if metadata.get("nextPageToken"):
        note(f"next page: {metadata['nextPageToken']}")
    for warning in metadata.get("warnings", []):
        note(f"warning: {warning}")


def _catalogue(host: Host) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for connector in host.plugins.names:
        for name, action in action_schemas(host, connector).items():
            yield f"{connector}.{name}", action


def _fields(action: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for kind, key in (("input", "inputs"), ("output", "output")):
        schema = action.get(key, {})
        for name, field in schema.get("properties", {}).items():
            yield {
                "kind": kind,
                "name": name,
                "type": _type_text(field),
                "required": name in schema.get("required", []) if kind == "input" else None,
                "default": field.get("default"),
                "description": field.get("description") or field.get("title"),
            }


def _type_text(schema: Mapping[str, Any]) -> str:
    if "enum" in schema:
        return " | ".join(str(value) for value in schema["enum"])
    named = schema.get("type")
    if named is None:
        choices = [*schema.get("anyOf", []), *schema.get("oneOf", [])]
        return " | ".join(_type_text(choice) for choice in choices) or "any"
    return named if isinstance(named, str) else " | ".join(named)
