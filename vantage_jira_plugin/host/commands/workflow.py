"""`vantage-jira workflow`: a file of actions, run in order. Reading and running are elsewhere."""

from __future__ import annotations

import time
import uuid
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from vantage_jira_plugin.host.arguments import TYPE_NAMES, assignments
from vantage_jira_plugin.host.runner import run_workflow
from vantage_jira_plugin.host.tables import counted, printable, row_name, write_json
from vantage_jira_plugin.host.workflow import WorkflowError, load_workflow

from .action import action_schemas, read_inputs
from .again import again_line
from .options import Setup, fail, format_option, note, priority_option, stdout, timeout_option
from .output import incompleteness, print_output

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from vantage_jira_plugin.contract import Output
    from vantage_jira_plugin.host.runner import Priority, RunResult
    from vantage_jira_plugin.host.tables import Format
    from vantage_jira_plugin.host.workflow import Step

__all__ = ["step_line", "workflow"]

#: What `--run-id` does.
RUN_ID_HELP = (
    "Id of this run; a new one by default. A run repeated under its id is given what it wrote before instead of writing"
    " it twice, where an action takes an idempotencyKey."
)
#: Most rows of a step that only reads which are named where a later step fails.
MOST_READ_ROWS = 10


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--credential", "credential_id", metavar="ID", help="For steps that name no other.")
@click.option("--input", "texts", metavar="NAME=VALUE", multiple=True, help="Override one of the inputs.")
@click.option("--inputs", "source", metavar="FILE|-", help="Inputs as a JSON object; - is stdin.")
@timeout_option("Seconds per call")
@click.option("--run-id", help=RUN_ID_HELP)
@priority_option("background")
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
    priority: Priority,
    check: bool,
    form: Format,
) -> None:
    """Run a workflow file and print the table of its output step."""
    host = ctx.ensure_object(Setup).host
    try:
        loaded = load_workflow(file.absolute(), lambda connector: action_schemas(host, connector))
    except WorkflowError as error:
        if check and form == "json":
            write_json({"steps": error.steps, "problems": error.problems}, stdout())
        raise
    if check:
        note(f"{loaded.name}: {counted(len(loaded.steps), 'step')}, nothing wrong")
        if form == "json":
            write_json({"steps": len(loaded.steps), "problems": []}, stdout())
        return
    run_id = run_id or str(uuid.uuid4())
    note(f"{loaded.name}: run {run_id}")
    calls: list[tuple[Step, Output]] = []
    result: RunResult | None = None
    try:
        result = run_workflow(
            loaded,
            host,
            inputs={**read_inputs(source), **assignments(texts, _schema(loaded.inputs))},
            run_id=run_id,
            credential_id=credential_id,
            priority=priority,
            timeout_seconds=timeout_seconds,
            on_call=lambda step, output: calls.append((step, output)),
            on_step=_tell,
        )
    finally:
        if result is None and calls:  # Ctrl-C, or a plugin that broke its word: what was written is told all the same
            note("the run was broken off; done before:")
            for step, output in calls:
                note(f"  {done_line(step, output['data'])}")
    if result.failure is not None:
        failure, done = result.failure, list(result.done(loaded))
        _warn(failure.step, failure.calls)
        after = f" after {counted(len(failure.calls), 'call')} of it that worked" if failure.calls else ""
        note(f"step {failure.step.id!r} failed{after}; {'done before:' if done else 'nothing was done before'}")
        for step, rows in done:
            note(f"  {done_line(step, rows)}")
        listed = [{"step": step.id, "action": _full_name(step), "rows": rows} for step, rows in done]
        steps = [failure.step, *(step for step, _ in done)]
        known = [action_schemas(host, step.connector)[step.action] for step in steps]
        again = again_line(failure.error, run_id, known, now=time.time())
        fail(ctx, {"error": failure.error, "step": failure.step.id, "done": listed, "runId": run_id}, again=again)
    print_output({"output1": result.outputs[loaded.output]}, form, warned=True)


def step_line(step: Step, output: Output) -> str:
    """Return what a step did, in one line."""
    metadata: Mapping[str, Any] = output["metadata"]
    name = f"{step.id}: {_full_name(step)}"
    if metadata.get("skipped"):
        return f"{name} skipped"
    usage = metadata["usage"]
    parts = [counted(metadata["count"], "row")]
    if usage["requests"]:
        parts += [counted(usage["requests"], "request"), counted(usage["points"], "point")]
    if usage["retries"]:
        parts.append(f"{usage['retries']} repeated, waited {usage['waitedSeconds']:.1f} s")
    missing = "" if metadata.get("complete", True) else f"; incomplete: {incompleteness(metadata)}"
    return f"{name} {', '.join(parts)}{missing}"


def done_line(step: Step, rows: Sequence[Mapping[str, Any]]) -> str:
    """Return which rows a step has given, in one line; every one where it writes, the first few where it reads."""
    shown = rows if step.writes else rows[:MOST_READ_ROWS]
    names = ", ".join(row_name(row) for row in shown)
    more = f" and {len(rows) - len(shown)} more" if len(rows) > len(shown) else ""
    verb = "wrote" if step.writes else "read"
    return f"{step.id}: {_full_name(step)} {verb} {counted(len(rows), 'row')}{': ' if names else ''}{names}{more}"


def _tell(step: Step, output: Output) -> None:
    note(step_line(step, output))
    _warn(step, [output])


def _warn(step: Step, outputs: Sequence[Output]) -> None:
    """Tell what a step warns of, each text once."""
    texts = (text for output in outputs for text in output["metadata"].get("warnings", []))
    for text in dict.fromkeys(texts):
        note(printable(f"warning: {step.id}: {text}"))


def _full_name(step: Step) -> str:
    return f"{step.connector}.{step.action}"


def _schema(defaults: Mapping[str, Any]) -> dict[str, Any]:
    """Return a schema of a workflow's inputs: an input has the type of its default."""
    kinds = {name: {"type": TYPE_NAMES[type(value)]} if value is not None else {} for name, value in defaults.items()}
    return {"properties": kinds}
