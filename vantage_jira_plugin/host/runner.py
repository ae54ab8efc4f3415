"""Workflow runs: steps in order, outputs feeding inputs. Files are read and checked elsewhere."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field, replace
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Literal, cast

from vantage_jira_plugin.contract import PluginError

from .arguments import TYPE_NAMES
from .errors import HostError
from .expressions import ExpressionError, Template, is_false
from .failures import error_body

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from vantage_jira_plugin.contract import ErrorBody, FailureEnvelope, Output

    from .application import Host, Link
    from .workflow import Step, Workflow

__all__ = ["Failure", "Priority", "RunResult", "run_workflow"]

#: Whether a person waits for a call. Where a plugin has to choose, those for whom nobody waits come last.
Priority = Literal["interactive", "background"]

#: What a step that did not run offers to later ones.
SKIPPED: Output = cast("Output", {"data": [], "metadata": {"skipped": True, "count": 0, "columns": []}})

#: Most characters of a value that a message shows.
LONGEST_SHOWN = 60
#: Characters of a digest that tells a step's calls apart.
DIGEST_LENGTH = 16


@dataclass(frozen=True, slots=True)
class Failure:
    """The step that stopped a run, and why.

    Attributes:
        calls: outputs of the calls of that step that had worked; what they wrote stays written.
    """

    step: Step
    error: ErrorBody
    calls: tuple[Output, ...] = ()


@dataclass(frozen=True, slots=True)
class RunResult:
    """Outputs by step id, of the steps that were done, and the failure where there is one."""

    outputs: Mapping[str, Output]
    failure: Failure | None = None

    def done(self, workflow: Workflow) -> Iterator[tuple[Step, list[dict[str, Any]]]]:
        """Yield each step that made a call that worked, with the rows of those calls, in order."""
        for step in workflow.steps:
            if step.id in self.outputs and not _skipped(self.outputs[step.id]):
                yield step, self.outputs[step.id]["data"]
            elif self.failure is not None and self.failure.step.id == step.id and self.failure.calls:
                yield step, [row for output in self.failure.calls for row in output["data"]]


@dataclass(frozen=True, slots=True)
class _Run:
    workflow: str
    links: Mapping[str, Link]
    scope: dict[str, Any]
    priority: Priority
    timeout_seconds: float | None
    on_call: Callable[[Step, Output], object]
    outputs: dict[str, Output] = field(default_factory=dict)


def run_workflow(
    workflow: Workflow,
    host: Host,
    *,
    inputs: Mapping[str, Any],
    run_id: str,
    credential_id: str | None = None,
    priority: Priority = "background",
    timeout_seconds: float | None = None,
    on_call: Callable[[Step, Output], object] = lambda _step, _output: None,
    on_step: Callable[[Step, Output], object] = lambda _step, _output: None,
) -> RunResult:
    """Run every step in order until one fails.

    Calls `on_call` after each call that worked and `on_step` after each step that was done. Each call gets `runId`
    and `nodeId` in its context, of which a plugin makes the idempotency key of what it writes. A run repeated under
    the same `run_id` is given what it wrote before, where the action takes such a key, instead of writing it twice.
    Inside `forEach` a call is named by its inputs, and not by its place in a list that may be another one next time.

    Raises:
        HostError: an input is unknown or a step has no credential; nothing has run.
    """
    unknown = sorted(inputs.keys() - workflow.inputs.keys())
    if unknown:
        known = ", ".join(sorted(workflow.inputs)) or "none"
        raise HostError(f"the workflow has no input {', '.join(unknown)}; it has: {known}")
    links = {}
    for step in workflow.steps:
        try:
            links[step.id] = _link(step, workflow, host, credential_id)
        except PluginError as error:
            return RunResult({}, Failure(step, error_body(error, step.action)))
    scope = {"inputs": {**workflow.inputs, **inputs}, "steps": {}, "run": {"runId": run_id}}
    run = _Run(workflow.name, links, scope, priority, timeout_seconds, on_call)
    for step in workflow.steps:
        output = _step(step, run)
        if isinstance(output, Failure):
            return RunResult(run.outputs, output)
        run.outputs[step.id] = run.scope["steps"][step.id] = output
        on_step(step, output)
    return RunResult(run.outputs)


def _link(step: Step, workflow: Workflow, host: Host, credential_id: str | None) -> Link:
    if step.connector == "host":
        return host.own_link(str(workflow.path.parent))
    chosen = step.credential_id or credential_id or workflow.credential_id
    if chosen is None:
        raise HostError(f"step {step.id!r} needs a credential", hint="--credential ID")
    owner = host.credential(chosen).connector
    if owner != step.connector:
        raise HostError(f"step {step.id!r}: credential {chosen!r} is for {owner}, not for {step.connector}")
    return host.link(chosen)


def _step(step: Step, run: _Run) -> Output | Failure:
    try:
        if step.when is not None and is_false(step.when.evaluate(run.scope)):
            return SKIPPED
        items = None if step.for_each is None else step.for_each.evaluate(run.scope)
    except ExpressionError as error:
        return Failure(step, _expression_error(step, "when or forEach", error))
    node_id = f"{_escaped(run.workflow)}/{step.id}"
    if step.for_each is None:
        inputs = _inputs(step, run.scope)
        return inputs if isinstance(inputs, Failure) else _call(step, run, inputs, node_id)
    return _each(step, run, items, node_id)


def _each(step: Step, run: _Run, items: object, node_id: str) -> Output | Failure:
    """Call a step once per item of its `forEach`."""
    if not isinstance(items, list):
        wanted = f"{step.for_each} must give a list, not {_described(items)}"
        return Failure(step, _expression_error(step, "forEach", wanted))
    outputs: list[Output] = []
    seen: Counter[str] = Counter()
    for item in items:
        inputs = _inputs(step, {**run.scope, "item": item})
        if isinstance(inputs, Failure):
            return replace(inputs, calls=tuple(outputs))
        # Every call is a node of its own: two must never share an idempotency key, also where their inputs are equal.
        digest = _digest(inputs)
        seen[digest] += 1
        again = f".{seen[digest]}" if seen[digest] > 1 else ""
        output = _call(step, run, inputs, f"{node_id}[{digest}{again}]")
        if isinstance(output, Failure):
            return replace(output, calls=tuple(outputs))
        outputs.append(output)
    return _joined(outputs) if outputs else SKIPPED


def _inputs(step: Step, scope: Mapping[str, Any]) -> dict[str, Any] | Failure:
    inputs = {}
    for name, value in step.inputs.items():
        try:
            inputs[name] = _filled(value, scope)
        except ExpressionError as error:
            return Failure(step, _expression_error(step, name, error))
    return inputs


def _digest(inputs: Mapping[str, Any]) -> str:
    """Return what tells inputs apart."""
    text = json.dumps(inputs, sort_keys=True, default=str)
    return sha256(text.encode()).hexdigest()[:DIGEST_LENGTH]


def _escaped(name: str) -> str:
    """Return a name as one part of a path: `a/b` and `c` must not be taken for `a` and `b/c`.

    Source: RFC 6901 section 3.
    """
    return name.replace("~", "~0").replace("/", "~1")


def _call(step: Step, run: _Run, inputs: Mapping[str, Any], node_id: str) -> Output | Failure:
    context: dict[str, Any] = {
        "runId": run.scope["run"]["runId"],
        "nodeId": node_id,
        "nodeType": step.action,
        "priority": run.priority,
    }
    if run.timeout_seconds is not None:
        context["timeoutSeconds"] = run.timeout_seconds
    try:
        envelope = run.links[step.id].execute(step.action, inputs, context)
    except PluginError as error:
        return Failure(step, error_body(error, step.action))
    if "error" in envelope:
        return Failure(step, cast("FailureEnvelope", envelope)["error"])
    output = envelope["output1"]
    run.on_call(step, output)
    return output


def _filled(value: Any, scope: Mapping[str, Any]) -> Any:
    if isinstance(value, Template):
        return value.evaluate(scope)
    if isinstance(value, dict):
        return {name: _filled(inner, scope) for name, inner in value.items()}
    if isinstance(value, list):
        return [_filled(inner, scope) for inner in value]
    return value


def _joined(outputs: list[Output]) -> Output:
    """Return the outputs of one step's calls as one: rows in order, counts and costs added up."""
    first = outputs[0]["metadata"]
    parts = [output["metadata"] for output in outputs]
    usage: dict[str, Any] = {}
    for part in parts:
        for name, value in cast("dict[str, Any]", part["usage"]).items():
            usage[name] = usage.get(name, 0) + value
    metadata = {
        **first,
        "count": sum(part["count"] for part in parts),
        "complete": all(part["complete"] for part in parts),
        "usage": usage,
        "warnings": list(dict.fromkeys(text for part in parts for text in part["warnings"])),
    }
    metadata.pop("nextPageToken", None)
    reasons = [part["incompleteReason"] for part in parts if "incompleteReason" in part]
    if reasons:
        metadata["incompleteReason"] = ", ".join(dict.fromkeys(reasons))
    rows = [row for output in outputs for row in output["data"]]
    return cast("Output", {"data": rows, "metadata": metadata})


def _skipped(output: Output) -> bool:
    return bool(cast("dict[str, Any]", output["metadata"]).get("skipped"))


def _described(value: object) -> str:
    """Return a value in words, cut short; its type where it is not null."""
    if value is None:
        return "null"
    text = json.dumps(value, ensure_ascii=False, default=str)
    shown = text if len(text) <= LONGEST_SHOWN else f"{text[:LONGEST_SHOWN]}..."
    return f"{TYPE_NAMES.get(type(value), type(value).__name__)} {shown}"


def _expression_error(step: Step, name: str, error: object) -> ErrorBody:
    return {
        "code": "input_invalid",
        "message": f"step {step.id!r}, {name}: {error}",
        "action": step.action,
        "status": None,
        "retryable": False,
        "retryAfter": None,
        "errors": {name: [str(error)]},
        "hint": None,
        "traceId": None,
    }
