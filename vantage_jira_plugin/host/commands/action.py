"""`actions`, `run` and `manifest`: what plugins offer, and one of it run. No action is here."""

from __future__ import annotations

import json
import re
import sys
import time
import uuid
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from vantage_jira_plugin.contract import PluginError
from vantage_jira_plugin.host.arguments import TYPE_NAMES, assignments
from vantage_jira_plugin.host.chart import ChartFile
from vantage_jira_plugin.host.errors import HostError
from vantage_jira_plugin.host.failures import error_body
from vantage_jira_plugin.host.spelling import did_you_mean
from vantage_jira_plugin.host.tables import write_rows
from vantage_jira_plugin.host.yamltext import dump_yaml

from .again import again_line
from .credential import DEFAULT_CONNECTOR
from .options import (
    Setup,
    credential_option,
    fail,
    format_option,
    note,
    pass_setup,
    priority_option,
    stdout,
    timeout_option,
)
from .output import print_output

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from vantage_jira_plugin.host.application import Host
    from vantage_jira_plugin.host.runner import Priority
    from vantage_jira_plugin.host.tables import Format

__all__ = ["action_schemas", "actions", "manifest", "read_inputs", "run"]

#: What `--run-id` does.
RUN_ID_HELP = (
    "Id of this run; a new one by default. The same id again gives what was written before instead of writing it twice,"
    " where the action takes an idempotencyKey."
)
#: Columns of the catalogue.
CATALOGUE_COLUMNS = ("action", "title", "group", "writes", "destructive", "scopes")
#: Columns of one action's description; a narrow terminal leaves out the last.
FIELD_COLUMNS = ("kind", "name", "type", "required", "description", "limits", "default")

#: Words of a schema that set bounds, with what they count.
LIMITS = (
    ("minLength", "maxLength", " characters"),
    ("minimum", "maximum", ""),
    ("minItems", "maxItems", " items"),
)
#: A pattern that says no more than a least length.
NOT_BLANK = r"\S"
#: How a pattern says that the whole text must match; people need only see what is inside.
WHOLE_MATCH = re.compile(r"\^\(\?:(?P<inner>.*)\)\??\$")
#: A pattern that lists the words a text may be.
CHOICE = re.compile(r"[\w-]+(?:\|[\w-]+)+")
#: Most characters of another pattern that are shown; JSON has all of it.
LONGEST_PATTERN = 16


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
        if found:
            raise HostError(f"several plugins have an action {name!r}", hint=f"name one: {', '.join(sorted(found))}")
        raise _no_action(name, [*catalogue, *(one["name"] for one in catalogue.values())])
    full_name, action = found.popitem()
    note(f"{full_name}: {action.get('description') or action.get('title')}")
    write_rows(list(_fields(action)), FIELD_COLUMNS, form, stdout(), document=action)


@click.command()
@click.argument("action")
@credential_option
@click.option("--input", "texts", metavar="NAME=VALUE", multiple=True, help="One input; may be repeated.")
@click.option("--inputs", "source", metavar="FILE|-", help="Inputs as a JSON object; - is stdin.")
@timeout_option("Seconds")
@click.option("--run-id", help=RUN_ID_HELP)
@priority_option("interactive")
@click.option("--chart", metavar="FILE", help="Also draw the table: a file that ends in .svg, .png, .html or .json.")
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
    priority: Priority,
    chart: str | None,
    form: Format,
) -> None:
    """Run one action and print its table."""
    drawing = None if chart is None else ChartFile.at(chart)
    host = ctx.ensure_object(Setup).host
    connector = host.credential(credential_id).connector
    name = action.removeprefix(f"{connector}.")
    known = action_schemas(host, connector)
    if name not in known:
        raise _no_action(action, [*known, *(f"{connector}.{one}" for one in known)])
    inputs = {**read_inputs(source), **assignments(texts, known[name].get("inputs", {}))}
    # The action is the run's only node: the same run id stands for the same call.
    run_id = run_id or str(uuid.uuid4())
    context: dict[str, Any] = {
        "runId": run_id,
        "nodeId": name,
        "nodeType": name,
        "priority": priority,
    }
    if timeout_seconds is not None:
        context["timeoutSeconds"] = timeout_seconds
    try:
        envelope: Mapping[str, Any] = host.link(credential_id).execute(name, inputs, context)
    except PluginError as error:
        envelope = {"error": error_body(error, name)}
    if "error" in envelope:
        again = again_line(envelope["error"], run_id, [known[name]], now=time.time())
        fail(ctx, {**envelope, "runId": run_id}, again=again)
    print_output(envelope, form)
    output = envelope["output1"]
    if drawing is not None and not output["metadata"].get("dryRun"):
        drawing.write(output["metadata"].get("chart"), output["data"])
        note(f"drawn: {drawing.path}")


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


def _no_action(name: str, known: Iterable[str]) -> HostError:
    return HostError(
        f"there is no action {name!r}{did_you_mean(name, known)}",
        hint="vantage-jira actions lists them",
    )


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
                "limits": "; ".join(_limits(field)),
                "description": field.get("description") or field.get("title"),
            }


def _limits(schema: Mapping[str, Any]) -> Iterator[str]:
    """Yield what a value must keep to, in words."""
    if "enum" in schema:
        yield f"one of {', '.join(str(value) for value in schema['enum'])}"
    pattern = schema.get("pattern") or NOT_BLANK
    whole = WHOLE_MATCH.fullmatch(pattern)
    shown = whole["inner"] if whole else pattern
    if CHOICE.fullmatch(shown):
        yield f"one of {', '.join(shown.split('|'))}"
        return
    for least, most, noun in LIMITS:
        if schema.get(most) is not None:
            yield f"{schema[least]}..{schema[most]}{noun}" if schema.get(least) else f"at most {schema[most]}{noun}"
        elif schema.get(least):
            yield f"at least {schema[least]}{noun}"
    if example := next(iter(schema.get("examples", [])), None):
        yield f"such as {', '.join(example) if isinstance(example, list) else example}"
    elif pattern != NOT_BLANK:
        yield f"like {shown if len(shown) <= LONGEST_PATTERN else shown[: LONGEST_PATTERN - 3] + '...'}"
    items = schema.get("items")
    if isinstance(items, dict) and (each := ", ".join(_limits(items))):
        yield f"each {each}"


def _type_text(schema: Mapping[str, Any]) -> str:
    named = schema.get("type")
    if named is None and "enum" in schema:
        named = list(dict.fromkeys("null" if value is None else TYPE_NAMES[type(value)] for value in schema["enum"]))
    if named is None:
        choices = [*schema.get("anyOf", []), *schema.get("oneOf", [])]
        return " | ".join(_type_text(choice) for choice in choices) or "any"
    return named if isinstance(named, str) else " | ".join(named)
