"""Workers of one host that share what they know of a site's limits, and what they ask their boards. No expectations."""

from __future__ import annotations

from tests.sharedstate import MemoryShared
from vantage_jira_plugin.errors import CredentialStoreError
from vantage_jira_plugin.transport.limits import Refusal, Scope
from vantage_jira_plugin.transport.standing import Ended, Standing
from vantage_jira_plugin.transport.traffic import Traffic

NOW = 1_790_000_000.0
READ = Traffic("app", "site", "GET", "/rest/api/3/issue/{issueIdOrKey}", "read the issue")
READ_ELSEWHERE = Traffic("app", "site-2", "GET", "/rest/api/3/issue/{issueIdOrKey}", "read the issue")
READ_OF_ANOTHER_APP = Traffic("app-2", "site-3", "GET", "/rest/api/3/issue/{issueIdOrKey}", "read the issue")
SEARCH = Traffic("app", "site", "POST", "/rest/api/3/search/jql", "search issues")
BACKGROUND = Traffic("app", "site", "POST", "/rest/api/3/search/jql", "search issues", background=True)
EDIT = Traffic("app", "site", "PUT", "/rest/api/3/issue/{issueIdOrKey}", "update the issue", issue="DEV-1")
BULK = Traffic("app", "site", "POST", "/rest/api/3/bulk/issues/delete", "delete issues", bulk=True)
RENEWAL = Traffic("", "auth", "POST", "/oauth/token", "renew the login", takes_place=False)
SITE = "limits/2/site/site"


class Moment:
    """Seconds, set by the test."""

    def __init__(self, seconds=0.0) -> None:
        self.seconds = seconds

    def __call__(self) -> float:
        return self.seconds


class FlakyShared(MemoryShared):
    """Fails while it is told to, in reading or in storing; counts."""

    def __init__(self) -> None:
        super().__init__()
        self.failing: set[str] = set()
        self.reads = 0
        self.stored = 0
        self.before_replace = None

    def read(self, names):
        self.reads += 1
        if "read" in self.failing:
            raise CredentialStoreError("the shared state could not be read")
        return super().read(names)

    def replace(self, name, value, *, version, keep_seconds):
        if "replace" in self.failing:
            raise CredentialStoreError("the shared state could not be written")
        if self.before_replace is not None:
            self.before_replace(name)
        done = super().replace(name, value, version=version, keep_seconds=keep_seconds)
        self.stored += done
        return done


def refused(scope=Scope.ENDPOINT, *, now=NOW, seconds=10.0, limit=None):
    """Return the end of a request that a 429 answered."""
    return Ended(now, answered=True, refusal=Refusal(scope, "jira-burst-based", seconds, limit))


def answered(now=NOW, **more):
    """Return the end of a request that was answered."""
    return Ended(now, answered=True, **more)


def standing_in(shared, name=SITE):
    """Return what the host keeps of a site."""
    return Standing.from_json(shared.values[name].value, now=NOW)


def ask(board, traffic, now=NOW):
    """Ask whether a request may go at a moment."""
    board._clock.seconds = now
    return board.begin(traffic)


def go(board, traffic, now=NOW):
    """Send a request that is answered at once."""
    assert ask(board, traffic, now) is None
    board.end(traffic, answered(now))
