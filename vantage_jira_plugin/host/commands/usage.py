"""`vantage-jira usage`: what calls have used. How it is counted is elsewhere."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import click

from vantage_jira_plugin.host.errors import HostError
from vantage_jira_plugin.host.spelling import did_you_mean
from vantage_jira_plugin.host.tables import counted, write_rows
from vantage_jira_plugin.host.usage_store import COUNTS, GROUPS, HOUR_SECONDS

from .options import Setup, format_option, note, pass_setup, stdout

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from vantage_jira_plugin.host.tables import Format

__all__ = ["usage"]

#: What `--by` is where it is not given.
DEFAULT_GROUPS = "hour,site,action"


@click.command()
@click.option("--credential", "credential_id", metavar="ID", help="Only calls with this credential.")
@click.option(
    "--hours",
    type=click.IntRange(min=1),
    default=24,
    show_default=True,
    help="So many hours by the clock, the current one among them.",
)
@click.option(
    "--by",
    "listed",
    metavar="NAMES",
    default=DEFAULT_GROUPS,
    show_default=True,
    help=f"What to tell apart, comma separated: {', '.join(GROUPS)}.",
)
@format_option
@pass_setup
def usage(setup: Setup, *, credential_id: str | None, hours: int, listed: str, form: Format) -> None:
    """Show how many requests and points calls have used, the newest hour first."""
    by = _groups(listed)
    since = time.time() - (hours - 1) * HOUR_SECONDS
    rows = setup.host.usage.totals(by, since=since, credential_id=credential_id)
    if credential_id is not None and not rows:
        setup.host.credential(credential_id)  # one that was removed may have used something
    write_rows(rows, [*by, *COUNTS], form, stdout())
    if form == "table":
        note(_total(rows))


def _groups(listed: str) -> list[str]:
    """Return the names in a comma separated list, each once.

    Raises:
        HostError: there is none, or one is not known.
    """
    names = list(dict.fromkeys(name.strip() for name in listed.split(",") if name.strip()))
    unknown = [name for name in names if name not in GROUPS]
    if unknown or not names:
        text = "; ".join(f"--by cannot tell apart by {name!r}{did_you_mean(name, GROUPS)}" for name in unknown)
        raise HostError(text or "--by names nothing", hint=f"--by takes {', '.join(GROUPS)}")
    return names


def _total(rows: Sequence[Mapping[str, Any]]) -> str:
    sums = {name: sum(row[name] for row in rows) for name in COUNTS}
    failed = f" ({sums['failures']} failed)" if sums["failures"] else ""
    repeated = f", {sums['retries']} repeated" if sums["retries"] else ""
    waited = f", waited {sums['waitedSeconds']:.1f} s" if sums["waitedSeconds"] else ""
    counts = f"{counted(sums['requests'], 'request')}, {counted(sums['points'], 'point')}"
    return f"total: {counted(sums['calls'], 'call')}{failed}, {counts}{repeated}{waited}"
