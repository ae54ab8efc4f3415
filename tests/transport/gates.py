"""What goes through a gate in tests, and how. No expectations but that no thread is stuck."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from vantage_jira_plugin.telemetry import Telemetry
from vantage_jira_plugin.transport.board import Board
from vantage_jira_plugin.transport.budget import Budget
from vantage_jira_plugin.transport.limits import Refusal, Scope
from vantage_jira_plugin.transport.standing import Ended
from vantage_jira_plugin.transport.traffic import Traffic

READ = Traffic("app", "site", "GET", "/rest/api/3/issue/{issueIdOrKey}", "read the issue")
SEARCH = Traffic("app", "site", "POST", "/rest/api/3/search/jql", "search issues")
BACKGROUND = Traffic("app", "site", "POST", "/rest/api/3/search/jql", "search issues", background=True)
EDITS = [
    Traffic("app", "site", "PUT", "/rest/api/3/issue/{issueIdOrKey}", "update the issue", issue=f"DEV-{number}")
    for number in range(3)
]
COMMENT = Traffic("app", "site", "POST", "/rest/api/3/issue/{issueIdOrKey}/comment", "add the comment", issue="DEV-0")
RENEWAL = Traffic("", "auth", "POST", "/oauth/token", "renew the login", takes_place=False)
#: What a test waits at most for a thread of its own, in seconds; none takes nearly as long.
STUCK_SECONDS = 20


class Waits(Telemetry):
    """Remembers what was waited for."""

    def __init__(self) -> None:
        super().__init__(load_spans=lambda: None)
        self.waits = []

    def waiting(self, seconds, why, *, method, template):
        self.waits.append((seconds, why, f"{method} {template}"))


class ScriptedBoard(Board):
    """Says in turn what it is told to."""

    def __init__(self, time, *said) -> None:
        super().__init__(None, clock=time, monotonic=time)
        self._said = list(said)

    def begin(self, traffic):
        said = self._said.pop(0)
        if isinstance(said, BaseException):
            raise said
        return said


def pass_through(gate, traffic, time, budget=None, **ended):
    """Send a request that is answered at once; return the seconds it waited."""
    waited_seconds = gate.enter(traffic, budget or Budget(clock=time))
    gate.leave(traffic, Ended(time(), answered=True, **ended))
    return waited_seconds


def close(gate, traffic, time, seconds, scope=Scope.ENDPOINT):
    """Let a request pass that is refused for so long."""
    pass_through(gate, traffic, time, refusal=Refusal(scope, "jira-burst-based", seconds))


def settle(gate, traffic, time):
    """Let so many requests pass that the endpoint is known to be healthy."""
    for _ in range(16):
        pass_through(gate, traffic, time)


def all_at_once(functions):
    """Run functions in a thread each; return what they return."""
    with ThreadPoolExecutor(len(functions)) as pool:
        return [future.result(STUCK_SECONDS) for future in [pool.submit(function) for function in functions]]
