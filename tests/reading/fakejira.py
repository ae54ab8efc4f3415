"""A Jira of a few hundred issues for tests of pulls: it searches, counts and fetches. And threads that a test leads.

It is written from Atlassian's description of the three operations, and shares no code with what it tests.
"""

from __future__ import annotations

import random
import re
import threading
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from types import SimpleNamespace

from vantage_jira_plugin.errors import JiraInvalidError
from vantage_jira_plugin.meter import Account
from vantage_jira_plugin.operations import BULK_FETCH_ISSUES, COUNT_ISSUES, SEARCH_ISSUES

__all__ = ["MINUTE", "FakeJira", "LedThreads", "Made", "ids_of"]

#: The minute that histories are given from: 2026-01-31 09:30 UTC.
MINUTE = 29_497_530
_MINUTE_MILLISECONDS = 60_000
#: The site's time zone is not the one of the machine, and none that is a whole number of hours.
_ZONE = timezone(timedelta(hours=5, minutes=30))
_BAD_TOKEN = "could not search issues: The provided next page token is invalid or expired."
_BOUND = re.compile(r"created (>=|<) (-?\d+)")
_PROJECTS = re.compile(r"project in \(([^)]*)\)")
_ORDER = re.compile(r"ORDER BY (\w+)(?: (ASC|DESC))?", re.IGNORECASE)


@dataclass
class Made:
    """An issue: its id, when it was created and last changed (epoch milliseconds), and its project."""

    number: int
    created: int
    updated: int = 0
    project: str = "DEV"

    @property
    def minute(self):
        return self.created // _MINUTE_MILLISECONDS

    def json(self, fields):
        if list(fields) == ["id"]:
            return {"id": str(self.number)}
        moment = datetime.fromtimestamp(self.created / 1000, UTC).astimezone(_ZONE)
        shown = {"created": moment.strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + moment.strftime("%z")}
        return {
            "id": str(self.number),
            "key": f"{self.project}-{self.number}",
            "fields": {name: shown.get(name) for name in fields},
        }


def ids_of(issues):
    """Return the numbers of issues."""
    return [issue.number for issue in issues]


class FakeJira:
    """Stands for a client and the Jira behind it; many threads may use it.

    Attributes:
        unanswered: how many issues a bulk fetch may be for, for each issue that is answered in few at once only.
        asked: each request, as its operation and body.
        before: called before each answer with the number of requests so far; may change what there is.
        warned: the requests to `search/jql`, by number, whose answers carry a warning.
        token_of: makes another token of the one that an answer has.
        delivered: ids of issues that answers held, in their order, those of lists of ids left out.
        stops: says why nothing further may be read.
    """

    def __init__(self, issues, *, page_size=10, max_in_flight=8, allowed=None, seed=0, **how):
        self.issues = list(issues)
        self.page_size = page_size
        #: Issues on a page where only ids are wanted.
        self.list_size = how.get("list_size", 5000)
        #: The pages of a search are shorter by up to so many issues, by chance.
        self.shorter = how.get("shorter", 0)
        #: Counts are wrong by this share.
        self.miscounts = how.get("miscounts", 0.0)
        #: What an order without a direction means.
        self.unsaid_descends = how.get("unsaid_descends", False)
        self.settings = SimpleNamespace(max_in_flight=max_in_flight, allowed_projects=allowed)
        self.account = how.get("account") or SimpleNamespace(left=None)
        self.hourly_points = how.get("hourly_points")
        self.warnings = []
        self.told = []
        self.asked = []
        self.delivered = []
        self.before = lambda _: None
        self.stops = lambda: None
        self.warned = set()
        self.unanswered = {}
        self.token_of = lambda token: token
        self.fresh = []
        self.kept = {}
        self.now = MINUTE * 60.0
        self._chance = random.Random(seed)  # noqa: S311 - test data
        self._chains = {}
        self._lock = threading.Lock()

    # ---- what a client has ------------------------------------------------------------------

    def progress(self, done, total, message):
        self.told.append((done, total))

    def why_stop(self):
        return self.stops()

    def pace(self, operation):
        return 1e9

    def fresh_issue_ids(self, token):
        return self.kept.get(token, self.fresh)

    def keep_issue_ids(self, token, ids):
        self.kept[token] = ids

    def may_touch(self, project_key):
        return self.settings.allowed_projects is None or project_key in self.settings.allowed_projects

    @contextmanager
    def rows_reserved(self, wanted):
        if not isinstance(self.account, Account):
            yield wanted
            return
        reserved = self.account.reserve(wanted + 1)
        try:
            yield max(1, reserved - 1)
        finally:
            self.account.release(reserved)

    def call(self, operation, *, body, keep=lambda member: member):
        answer = self._answer(operation, body)
        return {**answer, "issues": [keep(issue) for issue in answer["issues"]]} if operation.members else answer

    def _answer(self, operation, body):
        with self._lock:
            self.asked.append((operation, body))
            self.before(len(self.asked))
            answers = {SEARCH_ISSUES: self._search, COUNT_ISSUES: self._count, BULK_FETCH_ISSUES: self._fetch}
            answer = answers[operation](body)
            if isinstance(self.account, Account):
                self.account.spend(1 + len(answer.get("issues", ())))
            return answer

    def requests(self, operation):
        """Return the bodies of the requests of one operation."""
        return [body for asked, body in self.asked if asked is operation]

    # ---- what Jira does ---------------------------------------------------------------------

    def expire(self):
        """Let every page token be too old."""
        with self._lock:
            self._chains.clear()

    def found(self, jql):
        """Return the issues that a query finds, in its order."""
        issues = self.issues
        for operator, bound in _BOUND.findall(jql):
            low = operator == ">="
            issues = [issue for issue in issues if (issue.created >= int(bound)) is low]
        for projects in _PROJECTS.findall(jql):
            issues = [issue for issue in issues if f'"{issue.project}"' in projects]
        order = _ORDER.search(jql)
        name, direction = order.groups() if order else ("key", "ASC")
        descends = self.unsaid_descends if direction is None else direction.upper() == "DESC"
        keys = {"created": lambda one: one.created, "updated": lambda one: one.updated, "key": lambda one: one.number}
        by_number = sorted(issues, key=lambda one: one.number)
        return sorted(by_number, key=keys[name], reverse=descends)

    def _search(self, body):
        ids_only = body["fields"] == ["id"]
        token = body.get("nextPageToken")
        if token is None:
            name, start = f"c{len(self._chains)}-{len(self.asked)}", 0
            self._chains[name] = body["jql"], self.found(body["jql"])
        else:
            name, _, offset = token.partition("/")
            if name not in self._chains or self._chains[name][0] != body["jql"]:
                raise JiraInvalidError(_BAD_TOKEN, status=400, method="POST", path=SEARCH_ISSUES.template)
            start = int(offset)
        chain = self._chains[name][1]
        most = self.list_size if ids_only else max(1, self.page_size - self._chance.randint(0, self.shorter))
        end = start + min(body["maxResults"], most)
        there = {id(issue) for issue in self.issues}
        page = [issue for issue in chain[start:end] if id(issue) in there]
        if not ids_only and body["maxResults"] > 1:  # else it was asked when one end of the history was
            self.delivered += ids_of(page)
        answer = {"issues": [issue.json(body["fields"]) for issue in page], "isLast": end >= len(chain)}
        if end < len(chain):
            answer["nextPageToken"] = self.token_of(f"{name}/{end}")
        if len(self.requests(SEARCH_ISSUES)) in self.warned:
            answer["warnings"] = [{"type": "TRUNCATED", "message": "The result was truncated."}]
        return answer

    def _count(self, body):
        exact = len(self.found(body["jql"]))
        return {"count": max(0, round(exact * (1 + self._chance.uniform(-self.miscounts, self.miscounts))))}

    def _fetch(self, body):
        wanted = set(body["issueIdsOrKeys"])
        assert 1 <= len(wanted) <= 1000
        found = sorted((one for one in self.issues if str(one.number) in wanted), key=lambda one: one.number)
        failed = [one for one in found if len(wanted) > self.unanswered.get(one.number, 1000)]
        found = [one for one in found if one not in failed]
        self.delivered += ids_of(found)
        errors = [{"id": str(one.number), "errorMessage": "retry"} for one in failed]
        return {"issues": [issue.json(body["fields"]) for issue in found], "issueErrors": errors}


class LedThreads:
    """Stands for a crew, and the queue of what it has done, in the order that chance says. It starts no thread.

    Some work is done as soon as it is begun, so that what it changes is seen early; the rest when it is waited for.
    """

    def __init__(self, jira, chance, spare=0):
        self.size = jira.settings.max_in_flight + spare
        self.most = 0
        self._chance = chance
        self._waiting = {}

    def begin(self, function, *given):
        future = Future()
        self._waiting[future] = lambda: function(*given)
        self.most = max(self.most, len(self._waiting))
        if len(self._waiting) <= self.size and self._chance.random() < 0.5:
            self._do(future)
        return future

    def put(self, future):
        """Take note of what has ended, as the queue of such does; which of them is seen first, chance says."""

    def get(self):
        failed = [future for future in self._waiting if future.done() and future.exception() is not None]
        future = self._chance.choice(failed or list(self._waiting)[: self.size])
        if not future.done():
            self._do(future)
        del self._waiting[future]
        return future

    def _do(self, future):
        try:
            future.set_result(self._waiting[future]())
        except Exception as error:  # noqa: BLE001 - as an executor does
            future.set_exception(error)

    @contextmanager
    def working(self):
        yield self
