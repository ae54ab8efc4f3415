"""Shows that many workers on one login never lose it, and writes docs/lost-login.md. It ends with 1 where they do."""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.login_soak import AIM_SPREAD_SECONDS, EXCHANGE_SECONDS, REUSE_SECONDS, TOKEN_SECONDS, Outcome, Plan, run

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

DATABASES = ("sqlite", "postgresql")
_PAGE = Path(__file__).parents[1] / "docs" / "lost-login.md"
_PAGE_TEXT = """# One login, many workers

Written by `python -m benchmarks.lost_login --page` on {day}, Python {python}, {cores} cores.

{processes} processes with {threads} threads each read an issue in a loop through the plugin and the reference host, all
of them with one credential whose access token lives {token} s. In every other process the threads share one connection,
in the others each has its own. Jira and its authorization server are the simulator, a process of its own; a spent
refresh token that comes back after {reuse} s revokes the whole grant there. Calls pause {pause:g} s on average.

| | {heads} |
|---|{rules}|
{rows}

- An *expiry* is an access token that ran out and was replaced. Each may cost one refresh; a further one is allowed only
  where a worker was killed after Atlassian had answered and before the new token was stored. Those refresh the same
  token again, which Atlassian takes for ten minutes.
- Killed means SIGKILL: every other time any worker at any moment, else one that has just locked the credential, at some
  moment of the next {aim:g} s, while the token endpoint takes {exchange:g} s. Another worker starts in its place.
- *Afterwards* the simulator's clock jumps past the reuse interval, and a new host asks: only the newest refresh token
  still works then.
"""
_ROWS = (
    ("calls answered", lambda outcome: f"{outcome.answered:,}"),
    ("calls failed", lambda outcome: sum(outcome.failed.values())),
    ("expiries", lambda outcome: outcome.lifetimes),
    ("refreshes", lambda outcome: outcome.refreshes),
    ("refreshes beyond one per expiry", lambda outcome: outcome.reuses),
    ("dead refresh tokens replayed", lambda outcome: outcome.replays),
    ("grants revoked", lambda outcome: outcome.revoked),
    ("workers killed", lambda outcome: outcome.kills),
    ("... of them aimed at one that held the credential", lambda outcome: outcome.kills_of_holders),
    ("seconds", lambda outcome: f"{outcome.seconds:.0f}"),
    ("slowest call", lambda outcome: f"{outcome.slowest_seconds:.2f} s"),
    ("afterwards", lambda outcome: outcome.status_afterwards),
)


def page(outcomes: Sequence[Outcome]) -> str:
    """Return the page about these runs."""
    plan = outcomes[0].plan
    heads = [f"{outcome.plan.database}{', workers killed' if outcome.plan.kills else ''}" for outcome in outcomes]
    rows = (f"| {title} | {' | '.join(str(value(outcome)) for outcome in outcomes)} |" for title, value in _ROWS)
    return _PAGE_TEXT.format(
        day=datetime.now(UTC).date().isoformat(),
        python=platform.python_version(),
        cores=os.cpu_count(),
        processes=plan.processes,
        threads=plan.threads,
        token=TOKEN_SECONDS,
        reuse=REUSE_SECONDS,
        pause=plan.pause_seconds,
        exchange=EXCHANGE_SECONDS,
        aim=AIM_SPREAD_SECONDS,
        heads=" | ".join(heads),
        rules="|".join("---" for _ in outcomes),
        rows="\n".join(rows),
    )


def _plans(options: argparse.Namespace) -> Iterator[Plan]:
    for database in DATABASES if options.database == "both" else (options.database,):
        for kills in dict.fromkeys((0, options.kills)):
            yield Plan(database, options.lifetimes, kills, options.processes, options.threads, options.pause)


def main() -> int:
    """Run every plan, print what happened; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.lost_login", description=__doc__)
    parser.add_argument("--database", choices=(*DATABASES, "both"), default="both")
    parser.add_argument("--lifetimes", type=int, default=300, metavar="N", help="tokens that run out in each run")
    parser.add_argument("--kills", type=int, default=200, metavar="N", help="workers killed in a run besides; 0: none")
    parser.add_argument("--processes", type=int, default=8, metavar="N")
    parser.add_argument("--threads", type=int, default=4, metavar="N")
    parser.add_argument("--pause", type=float, default=0.25, metavar="SECONDS", help="between calls of one thread")
    parser.add_argument("--page", action="store_true", help="write docs/lost-login.md")
    options = parser.parse_args()
    outcomes = []
    for plan in _plans(options):
        outcome = run(plan)
        outcomes.append(outcome)
        told = {**asdict(outcome), "lifetimes": outcome.lifetimes, "problems": outcome.problems}
        print(json.dumps(told), flush=True)
    text = page(outcomes)
    print(text)
    if options.page:
        _PAGE.write_text(text, encoding="utf-8")
    return 1 if any(outcome.problems for outcome in outcomes) else 0


if __name__ == "__main__":
    sys.exit(main())
