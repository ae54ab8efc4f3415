"""One question to Jira: sent, answered, paid in points; a read that failed for the moment is repeated a few times.

Neither which site is meant nor what an answer says is known here.
"""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import requests

from .errors import NetworkError, PluginError, RateLimitedError, SiteGoneError
from .points import answer_points, doubted_points, refusal_points
from .transport.backoff import jitter_factor
from .transport.failures import no_answer
from .transport.limits import GiveUp
from .transport.quota import quota_size
from .transport.responses import decipher
from .transport.retries import RetryPolicy
from .transport.traffic import Passage, Traffic

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from .auth.login import Login
    from .meter import Account
    from .operations import Operation
    from .settings import Settings
    from .site import SiteFacts
    from .telemetry import Telemetry
    from .transport.budget import Budget
    from .transport.gate import Gate

__all__ = ["Asker"]

#: How failed reads are repeated.
_RETRIES = RetryPolicy()


class Asker:
    """Asks Jira for one action, which may ask in several threads at once.

    Attributes:
        calls: operations done on a site.
    """

    def __init__(
        self,
        login: Login,
        settings: Settings,
        api_url: str,
        facts: SiteFacts,
        budget: Budget,
        *,
        gate: Gate,
        telemetry: Telemetry,
        account: Account,
        clock: Callable[[], float] = time.time,
        sleep: Callable[[float], None] = time.sleep,
        jitter: Callable[[], float] | None = None,
    ) -> None:
        self.calls = 0
        self._login = login
        self._settings = settings
        self._api_url = api_url
        self._facts = facts
        self._budget = budget
        self._gate = gate
        self._telemetry = telemetry
        self._account = account
        self._clock = clock
        self._sleep = sleep
        self._jitter = jitter or jitter_factor
        self._counting = threading.Lock()
        self._reading = threading.Lock()

    def pace(self, operation: Operation, cloud_id: str) -> float:
        """Return how many requests per second an operation may be asked now."""
        return self._gate.pace(self._traffic(operation, cloud_id, {}))

    def ask(
        self,
        operation: Operation,
        cloud_id: str = "",
        path: Mapping[str, str] | None = None,
        *,
        query: Mapping[str, Any] | None = None,
        body: Any = None,
        keep: Callable[[Any], Any] | None = None,
    ) -> Any:
        """Do one operation on a site, or one that belongs to none, and return the data of its answer.

        With `keep` each of its `members` is replaced by what that makes of it, so that only one of them is in memory.
        Answers are read one at a time, however many threads ask: side by side they would only hold each other up.

        Raises:
            PluginError: it failed; the class says whose move it is.
        """
        url = self._api_url + (f"/ex/jira/{cloud_id}" if cloud_id else "") + operation.path(path or {})
        traffic = self._traffic(operation, cloud_id, path or {})
        attempt = 0
        waited_seconds = 0.0
        while True:
            began_at = self._budget.remaining_seconds
            try:
                response = self._sent(operation, url, traffic, query, body)
                data = self._read(operation, response, keep)
                break
            except PluginError as error:
                self._spend(traffic, refusal_points(operation, error))
                # A NetworkError of a write came before anything was sent.
                if not error.passing or (operation.writes and not isinstance(error, NetworkError)):
                    raise
                decision = _RETRIES.decide(
                    attempt=attempt,
                    jitter=self._jitter(),
                    announced=error.retry_after_seconds,
                    waited_seconds=waited_seconds,
                    lost_seconds=began_at - self._budget.remaining_seconds,
                    patience_seconds=self._budget.remaining_seconds,
                )
                if isinstance(decision, GiveUp):
                    error.message += f" (tried {attempt + 1} times)" if attempt else ""
                    raise
            self._telemetry.waiting(decision.seconds, "failure", method=operation.method, template=operation.template)
            self._sleep(decision.seconds)
            waited_seconds += decision.seconds
            self._budget.count(waited_seconds=decision.seconds, retries=1)
            attempt += 1
        if cloud_id:
            with self._counting:
                self.calls += 1
            self._spend(traffic, answer_points(operation, data))
        return data

    def _sent(
        self, operation: Operation, url: str, traffic: Traffic, query: Mapping[str, Any] | None, body: Any
    ) -> requests.Response:
        """Return what answers a request, and note what it tells of the hour's points."""
        passage = Passage(self._budget, traffic)
        try:
            response = self._login.send(
                operation.method, url, passage=passage, params=query, body=body, headers=dict(operation.headers)
            )
        except requests.RequestException as error:
            error.request = None  # it holds the token, and causes travel into logs and reports
            raise no_answer(operation, error, self._budget, urlsplit(url).netloc) from error
        hourly = quota_size(response.headers)
        if hourly is not None:
            self._facts.hourly_points = hourly
        for doubted in response.history:
            self._spend(traffic, doubted_points(doubted.status_code, response.status_code))
        return response

    def _read(self, operation: Operation, response: requests.Response, keep: Callable[[Any], Any] | None) -> Any:
        """Return the data of an answer."""
        try:
            with self._reading:
                status, headers, content = response.status_code, response.headers, response.content
                return decipher(operation, status, headers, content, now=self._clock(), keep=keep)
        except SiteGoneError:
            # A site that was moved, deleted or withdrawn from the grant: resolved anew when it is next needed.
            self._facts.gone, self._facts.chosen = self._login.record.cloud_id, None
            raise
        except RateLimitedError as error:
            if error.retry_after_seconds is None:  # the refusal names no time of its own
                error.retry_after_seconds = self._settings.retry_after_seconds
            raise

    def _spend(self, traffic: Traffic, points: int) -> None:
        """Count the points of an answer that has come; what belongs to no site is not Jira's, and has none."""
        points = points if traffic.cloud_id else 0
        self._account.spend(points)
        self._gate.spent(traffic, points)

    def _traffic(self, operation: Operation, cloud_id: str, path: Mapping[str, str]) -> Traffic:
        """Return what a request is to Jira's limits."""
        return Traffic(
            client_id=self._settings.client_id,
            cloud_id=cloud_id,
            method=operation.method,
            template=operation.template,
            does=operation.does,
            issue=path.get("issueIdOrKey") if operation.writes else None,
            bulk=operation.bulk,
            background=self._account.work.priority == "background",
        )
