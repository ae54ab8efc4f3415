"""A table as a command ends with it: rows to stdout, what must be known of them to stderr. Nothing is run here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from vantage_jira_plugin.host.tables import counted, printable, write_rows

from .options import note, stdout

if TYPE_CHECKING:
    from collections.abc import Mapping

    from vantage_jira_plugin.host.tables import Format

__all__ = ["incompleteness", "print_output"]

#: How an input begins that limits a table, such as maxRows; where one does, its name is the reason.
LIMITING = "max"


def print_output(envelope: Mapping[str, Any], form: Format, *, warned: bool = False) -> None:
    """Print a table to stdout and what must be known about it to stderr; `warned` where its warnings were told."""
    output = envelope["output1"]
    metadata = output["metadata"]
    columns = [column["name"] for column in metadata["columns"]]
    write_rows(output["data"], columns, form, stdout(), document=envelope)
    extra = [name for name in next(iter(output["data"]), {}) if name not in columns]
    if extra and form in ("table", "csv"):
        note(f"{', '.join(extra)} is only in --format json and ndjson")
    if not metadata.get("complete", True):
        note(f"incomplete: {_incomplete(metadata)}")
    elif metadata.get("nextPageToken"):
        note(f"next page: nextPageToken={metadata['nextPageToken']}")
    if metadata.get("dryRun"):
        note(f"dry run: a real one would use {_estimated(metadata)}")
        for planned in metadata.get("plan", []):
            note(f"it would {planned['does']}: {planned['method']} {planned['path']} ({_more(planned)})")
    if "state" in metadata and form != "json":
        note("the state to hand in next time is metadata.state, which is only in --format json")
    for warning in () if warned else metadata.get("warnings", []):
        note(printable(f"warning: {warning}"))


def incompleteness(metadata: Mapping[str, Any]) -> str:
    """Return why rows are missing, in words."""
    reason = str(metadata.get("incompleteReason", "the plugin does not say why"))
    return f"stopped at {reason}" if _limits(metadata) else reason


def _more(planned: Mapping[str, Any]) -> str:
    """Say what else a plan tells: how often something is read, or where a write's body is."""
    if "requests" not in planned:
        return "--format json shows the body"
    side_by_side = f", {planned['atOnce']} at once" if planned["atOnce"] > 1 else ""
    return f"{counted(planned['requests'], 'request')}{side_by_side}"


def _estimated(metadata: Mapping[str, Any]) -> str:
    """Say what a real run would use, or between what it may be."""
    most = dict(metadata["estimate"])
    least = most.pop("atLeast", None)
    return _costs(most) if least is None else f"at most {_costs(most)}, at least {_costs(least)}"


def _costs(estimate: Mapping[str, Any]) -> str:
    counts = [counted(count, name.removesuffix("s")) for name, count in estimate.items()]
    return f"{', '.join(counts[:-1])} and {counts[-1]}"


def _incomplete(metadata: Mapping[str, Any]) -> str:
    """Return why rows are missing and how to go on."""
    token, limits = metadata.get("nextPageToken"), _limits(metadata)
    words = f"{incompleteness(metadata)}{'; there are more' if limits else ''}"
    ways = [f"go on with the input nextPageToken={token}"] if token else []
    ways += ["go on with its state"] if "state" in metadata else []
    ways += [f"raise {' and '.join(limits)}"] if limits else []
    return f"{words}: {', or '.join(ways)}" if ways else words


def _limits(metadata: Mapping[str, Any]) -> list[str]:
    """Return the inputs by which the caller has limited the table."""
    return [reason for reason in metadata.get("incompleteReason", "").split(", ") if reason.startswith(LIMITING)]
