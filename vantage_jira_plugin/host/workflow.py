"""Workflow files: read and checked as a whole before anything runs. Nothing is run here."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from .errors import HostError
from .expressions import Expression, ExpressionError, Template, parse_template
from .literals import UNKNOWN, literal_problems
from .spelling import did_you_mean
from .yamltext import load_yaml

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

__all__ = ["Step", "Workflow", "WorkflowError", "load_workflow"]

#: Keys of a workflow file.
FILE_KEYS = ("name", "description", "credential", "inputs", "steps", "output")
#: Keys of a step.
STEP_KEYS = ("id", "action", "credential", "when", "forEach", "inputs")
#: What `${run....}` offers.
RUN_KEYS = ("runId",)
#: What `${steps.ID....}` offers.
OUTPUT_KEYS = ("data", "metadata")


class WorkflowError(HostError):
    """A workflow file cannot be used; `problems` lists everything that is wrong with it, `steps` counts them."""

    def __init__(self, path: Path, problems: Sequence[str], steps: int = 0) -> None:
        lines = "".join(f"\n  {problem}" for problem in problems)
        super().__init__(f"{path} is not a workflow that can run:{lines}")
        self.problems = list(problems)
        self.steps = steps


@dataclass(frozen=True, slots=True)
class Step:
    """One step; values with `${...}` are templates that wait for the run, `writes` is what its manifest says."""

    id: str
    connector: str
    action: str
    inputs: Mapping[str, Any]
    when: Template | None = None
    for_each: Template | None = None
    credential_id: str | None = None
    writes: bool = False


@dataclass(frozen=True, slots=True)
class Workflow:
    """A checked workflow; `inputs` are the defaults, `output` is the step whose table is the result."""

    name: str
    path: Path
    inputs: Mapping[str, Any]
    steps: tuple[Step, ...]
    output: str
    credential_id: str | None = None


def load_workflow(path: Path, actions: Callable[[str], Mapping[str, Mapping[str, Any]]]) -> Workflow:
    """Read and check a workflow file.

    `actions` returns the manifest's actions of a connector by name, and raises HostError where the
    connector has no loaded plugin.

    Raises:
        WorkflowError: the file cannot be read, or something in it is wrong; nothing has run.
    """
    try:
        document = load_yaml(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise WorkflowError(path, [error.strerror or type(error).__name__]) from error
    except ValueError as error:
        raise WorkflowError(path, [str(error)]) from error
    reader = _Reader(actions)
    workflow = reader.workflow(path, document)
    if workflow is None or reader.problems:
        raise WorkflowError(path, reader.problems, len(reader.step_ids))
    return workflow


@dataclass
class _Reader:
    """Turns a document into a workflow and collects what is wrong on the way."""

    actions: Callable[[str], Mapping[str, Mapping[str, Any]]]
    problems: list[str] = field(default_factory=list)
    input_names: set[str] = field(default_factory=set)
    step_ids: list[str] = field(default_factory=list)

    def workflow(self, path: Path, document: object) -> Workflow | None:
        if not isinstance(document, dict):
            self.problems.append("a workflow is a mapping with a list of steps")
            return None
        self.keys("", document, FILE_KEYS)
        inputs = document.get("inputs") or {}
        if not isinstance(inputs, dict):
            self.problems.append("inputs must be a mapping of names to defaults")
            inputs = {}
        self.input_names = {str(name) for name in inputs}
        listed = document.get("steps")
        if not isinstance(listed, list) or not listed:
            self.problems.append("steps must be a list with at least one step")
            return None
        steps = [step for number, item in enumerate(listed, 1) if (step := self.step(number, item))]
        output = document.get("output", self.step_ids[-1] if self.step_ids else "")
        if output not in self.step_ids:
            self.problems.append(f"output names no step: {output!r}{did_you_mean(str(output), self.step_ids)}")
        return Workflow(
            name=str(document.get("name", path.stem)),
            path=path,
            inputs={str(name): value for name, value in inputs.items()},
            steps=tuple(steps),
            output=str(output),
            credential_id=self.text("", document, "credential"),
        )

    def step(self, number: int, item: object) -> Step | None:
        if not isinstance(item, dict):
            self.problems.append(f"step {number} must be a mapping with id, action and inputs")
            return None
        step_id = item.get("id")
        if not isinstance(step_id, str) or not step_id:
            self.problems.append(f"step {number} needs an id, which is text")
            step_id = str(number)
        place = f"step {step_id!r}: "
        self.keys(place, item, STEP_KEYS)
        if step_id in self.step_ids:
            self.problems.append(f"{place}the id is used by an earlier step")
        connector, action, described = self.action(place, item.get("action"))
        schema = described.get("inputs", {})
        for_each = self.template(place, item, "forEach")
        step = Step(
            id=step_id,
            connector=connector,
            action=action,
            inputs=self.inputs(place, item.get("inputs") or {}, schema, has_item=for_each is not None),
            when=self.template(place, item, "when"),
            for_each=for_each,
            credential_id=self.text(place, item, "credential"),
            writes=bool(described.get("writes")),
        )
        self.step_ids.append(step_id)
        return step

    def action(self, place: str, named: object) -> tuple[str, str, Mapping[str, Any]]:
        """Return connector, action and what its manifest says; nothing where it is unknown."""
        connector, dot, action = str(named).partition(".")
        if not isinstance(named, str) or not dot:
            self.problems.append(f"{place}action must be written plugin.action, not {named!r}")
            return "", "", {}
        try:
            known = self.actions(connector)
        except HostError as error:
            self.problems.append(f"{place}{error.message}")
            return connector, action, {}
        if action not in known:
            self.problems.append(f"{place}there is no action {named!r}{did_you_mean(action, known)}")
            return connector, action, {}
        return connector, action, known[action]

    def inputs(self, place: str, values: object, schema: Mapping[str, Any], *, has_item: bool) -> Mapping[str, Any]:
        if not isinstance(values, dict):
            self.problems.append(f"{place}inputs must be a mapping")
            return {}
        known = schema.get("properties", {})
        if schema.get("additionalProperties", True) is False:
            self.problems.extend(
                f"{place}input {name!r} is unknown{did_you_mean(str(name), known)}"
                for name in values
                if name not in known
            )
        missing = [name for name in schema.get("required", []) if name not in values]
        self.problems.extend(f"{place}input {name!r} is missing" for name in missing)
        extra = {"item"} if has_item else set()
        read = {}
        for name, value in values.items():
            here = f"{place}input {str(name)!r}: "
            read[str(name)] = self.value(here, value, extra)
            described = known.get(name, {})
            self.problems.extend(
                f"{here}{problem}" for problem in literal_problems(_literal(read[str(name)]), described)
            )
        return read

    def value(self, place: str, value: object, extra: set[str]) -> Any:
        """Return the value with every text in it read as a template."""
        if isinstance(value, dict):
            return {str(name): self.value(place, inner, extra) for name, inner in value.items()}
        if isinstance(value, list):
            return [self.value(place, inner, extra) for inner in value]
        if not isinstance(value, str):
            return value
        try:
            template = parse_template(value)
        except ExpressionError as error:
            self.problems.append(f"{place}{error}")
            return value
        for expression in template.expressions:
            self.problems.extend(f"{place}{problem}" for problem in self.unknown_names(expression, extra))
        return template

    def template(self, place: str, item: Mapping[str, Any], key: str) -> Template | None:
        if item.get(key) is None:
            return None
        text = item[key] if isinstance(item[key], str) else ""
        template = self.value(f"{place}{key}: ", text, set())
        if isinstance(template, Template) and len(template.parts) == 1 and template.expressions:
            return template
        if isinstance(template, Template):
            self.problems.append(f"{place}{key} must be one expression, such as ${{inputs.name}}")
        return None

    def unknown_names(self, expression: Expression, extra: set[str]) -> Iterator[str]:
        """Yield what is wrong with the names that an expression starts from."""
        roots = {"inputs", "steps", "run", *extra}
        levels = {"inputs": self.input_names, "steps": self.step_ids, "run": RUN_KEYS}
        for root, *rest in expression.roots:
            if root not in roots:
                yield f"{root!r} in ${{{expression.text}}} is none of {', '.join(sorted(roots))}"
            elif rest and root in levels and rest[0] not in levels[root]:
                which = "earlier step" if root == "steps" else f"{root} name"
                near = did_you_mean(rest[0], levels[root])
                yield f"{rest[0]!r} in ${{{expression.text}}} is no {which}{near}"
            elif root == "steps" and len(rest) > 1 and rest[1] not in OUTPUT_KEYS:
                near = " or ".join(OUTPUT_KEYS)
                yield f"{rest[1]!r} in ${{{expression.text}}}: a step has {near}"

    def keys(self, place: str, mapping: Mapping[Any, Any], known: Sequence[str]) -> None:
        self.problems.extend(
            f"{place}unknown key {key!r}{did_you_mean(str(key), known)}" for key in mapping if key not in known
        )

    def text(self, place: str, mapping: Mapping[str, Any], key: str) -> str | None:
        value = mapping.get(key)
        if value is not None and not isinstance(value, str):
            self.problems.append(f"{place}{key} must be text")
            return None
        return value


def _literal(value: Any) -> Any:
    """Return the value as far as it is known before the run."""
    if isinstance(value, Template):
        return UNKNOWN if value.expressions else value.evaluate({})
    if isinstance(value, dict):
        return {name: _literal(inner) for name, inner in value.items()}
    return [_literal(inner) for inner in value] if isinstance(value, list) else value
