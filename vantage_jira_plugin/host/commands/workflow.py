"""`vantage-jira workflow`: a file of actions, run in order. Reading and running are elsewhere."""

from __future__ import annotations

import uuid
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from vantage_jira_plugin.host.arguments import TYPE_NAMES, assignments
from vantage_jira_plugin.host.runner import run_workflow
from vantage_jira_plugin.host.tables import counted
from vantage_jira_plugin.host.workflow import load_workflow

from .action import action_schemas, print_output, read_inputs
from .options import Setup, fail, format_option, note

if TYPE_CHECKING:
    from collections.abc import Mapping

    from vantage_jira_plugin.contract import Output
    from vantage_jira_plugin.host.tables import Format
    from vantage_jira_plugin.host.workflow import Step

__all__ = ["step_line", "workflow"]


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--credential", "credential_id", metavar="ID", help="For steps that name no other.")
@click.option("--input", "texts", metavar="NAME=VALUE", multiple=True, help="Override one of the inputs.")
@click.option("--inputs", "source", metavar="FILE|-", help="Inputs as a JSON object; - is stdin.")
@click.option("--timeout", "timeout_seconds", type=click.FloatRange(min=0, min_open=True), help="Seconds per step.")
@click.option("--run-id", help="Repeat an earlier run: the same id writes nothing twice.")
@click.option("--check", is_flag=True, help="Only check the file.")
@format_option
@click.pass_context
def workflow(
    ctx: click.Context,
    *,
    file: Path,
    credential_id: str | None,
    texts: tuple[str, ...],
    source: str | None,
    timeout_seconds: float | None,
    run_id: str | None,
    check: bool,
    form: Format,
) -> None:
    """Run a workflow file and print the table of its output step."""
    host = ctx.ensure_object(Setup).host
    loaded = load_workflow(file.absolute(), lambda connector: action_schemas(host, connector))
    if check:
        note(f"{loaded.name}: {counted(len(loaded.steps), 'step')}, nothing wrong")
        return
    run_id = run_id or str(uuid.uuid4())
    note(f"{loaded.name}: run {run_id}")
    result = run_workflow(
        loaded,
        host,
        inputs={**read_inputs(source), **assignments(texts, _schema(loaded.inputs))},
        run_id=run_id,
        credential_id=credential_id,
        timeout_seconds=timeout_seconds,
        on_step=lambda step, output: note(step_line(step, output)),
    )
    if result.failure is not None:
        failure, done = result.failure, list(result.outputs)
        calls = f" after {counted(failure.done, 'call')}" if failure.done else ""
        note(f"step {failure.step.id!r} failed{calls}; done before: {', '.join(done) or 'none'}")
        fail(ctx, {"error": failure.error, "step": failure.step.id, "done": done, "runId": run_id})
    print_output({"output1": result.outputs[loaded.output]}, form)


def step_line(step: Step, output: Output) -> str:
    """Return what a step did, in one line."""
    metadata: Mapping[str, Any] = output["metadata"]
    name = f"{step.id}: {step.connector}.{step.action}"
    if metadata.get("skipped"):
        return f"{name} skipped"
    usage = metadata["usage"]
    parts = [counted(metadata["count"], "row")]
    if usage["requests"]:
        parts += [counted(usage["requests"], "request"), counted(usage["points"], "point")]
    if usage["retries"]:
        parts.append(f"{usage['retries']} repeated, waited {usage['waitedSeconds']:.1f} s")
    return f"{name} {', '.join(parts)}"


def _schema(defaults: Mapping[str, Any]) -> dict[str, Any]:
    """Return a schema of a workflow's inputs: an input has the type of its default."""
    kinds = {name: {"type": TYPE_NAMES[type(value)]} if value is not None else {} for name, value in defaults.items()}
    return {"properties": kinds}
