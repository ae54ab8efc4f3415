"""The simulator's command: `python -m vantage_jira_plugin.simulator`. Options and signals, nothing else."""

from __future__ import annotations

import argparse
import gc
import json
import signal
import sys
import threading
from functools import partial
from typing import TYPE_CHECKING

from vantage_jira_plugin.simulator.embedded import Simulator
from vantage_jira_plugin.simulator.histories import many_issues
from vantage_jira_plugin.simulator.jql.parser import parse
from vantage_jira_plugin.simulator.seed import demo_sites, second_site

if TYPE_CHECKING:
    from collections.abc import Sequence

    from vantage_jira_plugin.simulator.clock import Clock
    from vantage_jira_plugin.simulator.histories import History
    from vantage_jira_plugin.simulator.site import Site

__all__ = ["build_parser", "main"]


def build_parser() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    parser = argparse.ArgumentParser(
        prog="vantage-jira simulator",
        description="A Jira Cloud on loopback. Prints one line of JSON when it is ready: "
        "authUrl, apiUrl, clientId, clientSecret, serviceClientId, serviceClientSecret.",
        epilog="How to use it, and its control over HTTP: docs/simulator.md.",
    )
    parser.add_argument("--port", type=int, default=0, metavar="N", help="port of the API; any free one if 0")
    parser.add_argument(
        "--auth-port", type=int, default=0, metavar="N", help="port of the authorization server; likewise"
    )
    parser.add_argument(
        "--auto-consent", action="store_true", help="send the browser back at once, without a consent page"
    )
    parser.add_argument("--access-token-seconds", type=float, default=None, metavar="N", help="life of access tokens")
    parser.add_argument("--second-site", action="store_true", help="two sites instead of one")
    parser.add_argument(
        "--issues", type=int, default=0, metavar="N", help="so many more issues in DEV, the same in every run"
    )
    parser.add_argument(
        "--history",
        choices=("even", "skewed"),
        default="even",
        help="how the creation of those issues is spread over two years: evenly, or 80 %% of them in one week",
    )
    parser.add_argument(
        "--until-stdin-closes", action="store_true", help="end when standard input does, not only on a signal"
    )
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Run the simulator until a signal or the end of standard input; returns the exit status."""
    options = build_parser().parse_args(argv)
    ended = threading.Event()
    previous = {number: signal.signal(number, lambda *_: ended.set()) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        simulator = Simulator(
            sites=partial(_sites, two=options.second_site, more_issues=options.issues, history=options.history),
            auto_consent=options.auto_consent,
            port=options.port,
            auth_port=options.auth_port,
            access_token_seconds=options.access_token_seconds,
        )
        with simulator:
            # Made now, not at the first request; and what will stay is not looked through for garbage again and again.
            gc.disable()
            simulator.sites  # noqa: B018 - the property makes them
            parse("")  # reads the grammar
            gc.freeze()
            gc.enable()
            sys.stdout.write(json.dumps(simulator.app()) + "\n")
            sys.stdout.flush()
            if options.until_stdin_closes:
                threading.Thread(target=_watch_stdin, args=(ended,), daemon=True).start()
            ended.wait()
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)
        gc.unfreeze()
    return 0


def _sites(clock: Clock, *, two: bool, more_issues: int, history: History) -> list[Site]:
    sites = demo_sites(clock)
    many_issues(sites[0], more_issues, history=history)
    return [*sites, second_site(clock)] if two else sites


def _watch_stdin(ended: threading.Event) -> None:
    for _ in sys.stdin:
        pass
    ended.set()


if __name__ == "__main__":
    sys.exit(main())
