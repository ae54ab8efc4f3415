"""What an action is, and how one is run: inputs checked, guards kept, rows returned. No Jira words."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextlib import nullcontext, suppress
from dataclasses import dataclass, field
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from vantage_jira_plugin.envelope import Table
from vantage_jira_plugin.errors import BudgetSpentError, InputError, ReadOnlyError
from vantage_jira_plugin.rehearsal import Estimate, Rehearsal, WriteReached
from vantage_jira_plugin.schemas import declared, load, nearest

from ._inputs import MAX_IDEMPOTENCY_KEY_LENGTH, Query, with_dry_run
from ._projects import warn_of_left_out

if TYPE_CHECKING:
    from collections.abc import Sequence

    from marshmallow import Schema

    from vantage_jira_plugin.client import JiraClient
    from vantage_jira_plugin.contract import Column
    from vantage_jira_plugin.operations import Operation

__all__ = ["Action", "ActionGroup", "row_maker", "rows"]

Run = Callable[..., Table]


@dataclass(frozen=True, slots=True)
class Action:
    """One named action: a schema, a function, and what is known about both.

    Attributes:
        name: camelCase, as workflows call it.
        operations: what it may do in Jira; its scopes follow from them.
        lookups: what it does besides to find out about a write whose answer was lost. Where a scope for these is
            missing, the action works, and such a write stays `unknown_outcome`.
        columns: of its rows; for issue tables those of the default fields.
        open_columns: whether other columns come with other inputs.
        guard: keeps the setting `allowedProjects` before the action runs, or None.
        estimate: of an action that does not write, says what a run would use; what writes is rehearsed.
    """

    name: str
    title: str
    group: str
    inputs: type[Schema]
    operations: tuple[Operation, ...]
    columns: Sequence[Column]
    run: Run = field(repr=False)
    lookups: tuple[Operation, ...] = ()
    open_columns: bool = False
    writes: bool = False
    destructive: bool = False
    guard: Callable[[JiraClient, Mapping[str, Any]], None] | None = None
    estimate: Callable[[JiraClient, Mapping[str, Any]], Estimate] | None = None

    @property
    def description(self) -> str:
        """First sentence of the function's docstring."""
        return (self.run.__doc__ or "").strip().splitlines()[0]

    @property
    def _queries(self) -> list[str]:
        """Parameters that are queries."""
        return [field.name or "" for field in declared(self.inputs).values() if isinstance(field, Query)]

    @property
    def scopes(self) -> frozenset[str]:
        """Classic scopes that the action needs."""
        return frozenset[str]().union(*(operation.scopes for operation in self.operations))

    def checked(
        self, inputs: Mapping[str, Any], config: Mapping[str, Any], context: Mapping[str, Any]
    ) -> tuple[dict[str, Any], list[str]]:
        """Return the function's parameters and warnings.

        `inputs` win over `config`, key by key. A node's config also carries keys of the host, so that
        unknown ones there are passed over; one that looks like a misspelt input is warned about.

        Raises:
            InputError: names every wrong input; nothing was sent.
        """
        known = declared(self.inputs)
        values = {name: value for name, value in config.items() if name in known} | dict(inputs)
        warnings = [
            f"config.{name} is not an input of {self.name}; {hint}"
            for name in config
            if name not in known and (hint := nearest(name, known)).startswith("did you mean")
        ]
        loaded, errors = load(self.inputs, values)
        if errors:
            text = "; ".join(f"{name} {', '.join(texts)}" for name, texts in errors.items())
            raise InputError(f"{self.name} cannot run: {text}", errors=errors)
        if "idempotency_key" in loaded and loaded["idempotency_key"] is None:
            loaded["idempotency_key"] = _derived_key(context)
        return loaded, warnings

    def __call__(self, jira: JiraClient, parameters: Mapping[str, Any]) -> Table:
        """Run the action; with `dry_run`, find out what it would send and use, behind the same guards.

        Raises:
            ReadOnlyError: it writes, and the connection must not.
            BudgetSpentError: it costs points, and no more may be spent now.
            PluginError: it failed.
        """
        if self.writes and jira.settings.read_only:
            raise ReadOnlyError(
                f"{self.name} writes, and this connection is set to read only",
                hint="Use a connection without readOnly, or ask an administrator.",
            )
        parameters = dict(parameters)
        dry_run = parameters.pop("dry_run")
        if self.operations:
            # A dry run sends nothing that a budget is for: it tells that too few points are left.
            with suppress(BudgetSpentError) if dry_run else nullcontext():
                jira.check_points()
        if jira.settings.allowed_projects:
            warn_of_left_out(jira, filter(None, map(parameters.get, self._queries)))
        if self.guard is not None and jira.settings.allowed_projects is not None:
            self.guard(jira, parameters)
        return self._rehearsed(jira, parameters) if dry_run else self.run(jira, **parameters)

    def _rehearsed(self, jira: JiraClient, parameters: Mapping[str, Any]) -> Table:
        """Return what a run would use: what a write's way there has used now, or what a read is estimated to."""
        if self.estimate is not None:
            used = jira.used
            rehearsal = Rehearsal(used + self.estimate(jira, parameters))
        else:
            rehearsal = _up_to_the_write(self.run, jira, parameters)
        left, estimate = jira.account.left, rehearsal.estimate
        if left is not None and estimate.points > left:
            needs = "needs" if estimate.points - estimate.unsure_points > left else "may need"
            jira.warnings.append(
                f"the budgets of the settings leave {left} points now, which is less than this {needs}"
            )
        return Table(self.columns, [], rehearsal=rehearsal)


def _up_to_the_write(run: Run, jira: JiraClient, parameters: Mapping[str, Any]) -> Rehearsal:
    """Run an action that writes until it would write; that one request is a point, whatever it writes."""
    jira.rehearsing = True
    try:
        run(jira, **parameters)
    except WriteReached as reached:
        return Rehearsal(jira.used + reached.before + Estimate(requests=1, points=1), (reached.planned,))
    return Rehearsal(jira.used)


def _derived_key(context: Mapping[str, Any]) -> str | None:
    """Return the idempotency key of this node in this run, or None outside a run.

    It is `run/node` where that can be read in Jira and stands for no other pair, else a digest of the two.
    """
    given = context.get("runId"), context.get("nodeId")
    if any(name is None or name == "" for name in given):
        return None
    run_id, node_id = map(str, given)
    key = f"{run_id}/{node_id}"
    if "/" not in run_id and key.isprintable() and len(key) <= MAX_IDEMPOTENCY_KEY_LENGTH:
        return key
    digests = (sha256(name.encode("utf-8", "surrogatepass")).digest() for name in (run_id, node_id))
    return f"sha256:{sha256(b''.join(digests)).hexdigest()}"


def row_maker(
    to_row: Callable[[dict[str, Any], str | None], dict[str, Any]], site_url: str | None, *, raw: bool
) -> Callable[[dict[str, Any]], dict[str, Any]]:
    """Return what makes the row of an object, with the object itself under `_raw` where that is wanted."""
    if raw:
        return lambda item: {**to_row(item, site_url), "_raw": item}
    return lambda item: to_row(item, site_url)


def rows(
    objects: Iterable[dict[str, Any]],
    to_row: Callable[[dict[str, Any], str | None], dict[str, Any]],
    site_url: str | None,
    *,
    raw: bool,
) -> list[dict[str, Any]]:
    """Return the row of each object; see `row_maker`."""
    return list(map(row_maker(to_row, site_url, raw=raw), objects))


class ActionGroup:
    """Collects the actions of one Jira resource, in the order they are declared."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.actions: list[Action] = []

    def action(
        self,
        name: str,
        *,
        title: str,
        inputs: type[Schema],
        operations: Sequence[Operation],
        columns: Sequence[Column],
        lookups: Sequence[Operation] = (),
        open_columns: bool = False,
        destructive: bool = False,
        guard: Callable[[JiraClient, Mapping[str, Any]], None] | None = None,
        estimate: Callable[[JiraClient, Mapping[str, Any]], Estimate] | None = None,
    ) -> Callable[[Run], Run]:
        """Declare the decorated function as an action; it writes where one of its operations does.

        Every action takes `dryRun` beside its own inputs, and one that does not write has an `estimate`.
        """

        def declare(run: Run) -> Run:
            writes = any(operation.writes for operation in operations)
            self.actions.append(
                Action(
                    name=name,
                    title=title,
                    group=self.name,
                    inputs=with_dry_run(inputs, writes=writes),
                    operations=tuple(operations),
                    lookups=tuple(lookups),
                    columns=tuple(columns),
                    run=run,
                    open_columns=open_columns,
                    writes=writes,
                    destructive=destructive,
                    guard=guard,
                    estimate=estimate,
                )
            )
            return run

        return declare
