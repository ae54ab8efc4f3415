"""A table as a command ends with it: rows to stdout, what must be known of them to stderr. Nothing is run here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from vantage_jira_plugin.host.tables import printable, write_rows

from .options import note, stdout

if TYPE_CHECKING:
    from collections.abc import Mapping

    from vantage_jira_plugin.host.tables import Format

__all__ = ["incompleteness", "print_output"]

#: Why a table is incomplete that the caller has limited.
MAX_ROWS = "maxRows"


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
        for write in metadata.get("plan", []):
            note(f"it would {write['does']}: {write['method']} {write['path']} (--format json shows the body)")
    for warning in () if warned else metadata.get("warnings", []):
        note(printable(f"warning: {warning}"))


def incompleteness(metadata: Mapping[str, Any]) -> str:
    """Return why rows are missing, in words."""
    reason = str(metadata.get("incompleteReason", "the plugin does not say why"))
    return f"stopped at {reason}" if _limited(metadata) else reason


def _estimated(metadata: Mapping[str, Any]) -> str:
    """Say what a real run would use."""
    counts = {name.removesuffix("s"): count for name, count in metadata.get("estimate", {}).items()}
    return " and ".join(f"{count} {name}{'' if count == 1 else 's'}" for name, count in counts.items())


def _incomplete(metadata: Mapping[str, Any]) -> str:
    """Return why rows are missing and how to go on."""
    token, limited = metadata.get("nextPageToken"), _limited(metadata)
    words = f"{incompleteness(metadata)}{'; there are more' if limited else ''}"
    ways = [f"go on with the input nextPageToken={token}"] if token else []
    ways += [f"raise {MAX_ROWS}"] if limited else []
    return f"{words}: {', or '.join(ways)}" if ways else words


def _limited(metadata: Mapping[str, Any]) -> bool:
    return MAX_ROWS in metadata.get("incompleteReason", "").split(", ")
