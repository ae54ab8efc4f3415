"""Notes what happens, in the log and, where OpenTelemetry is installed, as spans and metrics. It never decides."""

from __future__ import annotations

import time
from functools import cached_property
from typing import TYPE_CHECKING, Self

from vantage_jira_plugin.transport.traces import read_trace_id

from . import logs
from .wording import OTHER, clean, low_cardinality

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from contextvars import Token
    from types import TracebackType

    from vantage_jira_plugin.contract import Usage
    from vantage_jira_plugin.errors import PluginError

    from .logs import WaitReason
    from .spans import ActionSpan, RequestSpan, Spans

__all__ = ["ActionNote", "RequestNote", "Telemetry"]


def _installed_spans() -> Spans | None:
    """Return the spans and metrics of OpenTelemetry, or None where it is not installed, or too old."""
    try:
        from .spans import Spans  # noqa: PLC0415 - an optional import, and a slow one

        return Spans()
    except (ImportError, TypeError):
        # TypeError: before 1.30 an instrument takes no bounds. The version is the host's; actions must run with any.
        return None


class Telemetry:
    """Notes what happens; many threads may use one at once. It costs little while nobody listens.

    Args:
        load_spans: returns spans and metrics, or None; called when something is first noted.
        monotonic: seconds that never jump.
    """

    def __init__(
        self,
        *,
        load_spans: Callable[[], Spans | None] = _installed_spans,
        monotonic: Callable[[], float] = time.perf_counter,
    ) -> None:
        self._load_spans = load_spans
        self.monotonic = monotonic

    @cached_property
    def spans(self) -> Spans | None:
        """Spans and metrics, or None where OpenTelemetry is not installed."""
        return self._load_spans()

    def action(self, name: str | None, *, run_id: object = None, node_id: object = None) -> ActionNote:
        """Return a context manager for one call of an action.

        `name` is one of the catalogue's, None where the caller's is not; the ids are as the host gave them.
        """
        return ActionNote(self, name or OTHER, run_id=run_id, node_id=node_id)

    def request(
        self, method: str, template: str, *, host: str, cloud_id: str | None = None, attempt: int = 0
    ) -> RequestNote:
        """Return a context manager for one attempt (zero-based) of a request.

        `template` is the path with the names of its parameters, never their values; `host` carries its
        port where that is not 443.
        """
        return RequestNote(self, method, template, host=host, cloud_id=cloud_id, attempt=attempt)

    def waiting(self, seconds: float, why: WaitReason, *, method: str, template: str) -> None:
        """Note that a request is about to wait."""
        logs.waiting(seconds, why, method=method, template=template)
        if self.spans is not None:
            self.spans.waiting(seconds, why, method=method, template=template)

    def refused(
        self,
        headers: Mapping[str, str],
        seconds: float | None,
        *,
        reason: str | None,
        method: str,
        template: str,
        cloud_id: str | None = None,
    ) -> None:
        """Note that a 429 closed a window for some seconds; once for each refusal.

        Of its headers the trace id is taken; `reason` is what `RateLimit-Reason` says.
        """
        trace_id = read_trace_id(headers)
        logs.refused(reason, seconds, method=method, template=template, trace_id=trace_id, cloud_id=cloud_id)
        if self.spans is not None:
            self.spans.refused(low_cardinality(reason), seconds, method=method, template=template)

    def renewed(self) -> None:
        """Note that the access token was renewed, and is stored."""
        logs.renewed()
        if self.spans is not None:
            self.spans.renewed()


class RequestNote:
    """One attempt of a request; see `Telemetry.request`."""

    __slots__ = (
        "_attempt", "_began_at", "_cloud_id", "_headers", "_host", "_method", "_span", "_status", "_telemetry",
        "_template",
    )  # fmt: skip

    def __init__(
        self, telemetry: Telemetry, method: str, template: str, *, host: str, cloud_id: str | None, attempt: int
    ) -> None:
        self._telemetry = telemetry
        self._method = method
        self._template = template
        self._host = host
        self._cloud_id = cloud_id
        self._attempt = attempt
        self._status: int | None = None
        self._headers: Mapping[str, str] = {}
        self._span: RequestSpan | None = None

    def __enter__(self) -> Self:
        spans = self._telemetry.spans
        if spans is not None:
            self._span = spans.request(
                self._method, self._template, host=self._host, cloud_id=self._cloud_id, attempt=self._attempt
            )
        self._began_at = self._telemetry.monotonic()
        return self

    def answered(self, status: int, headers: Mapping[str, str]) -> None:
        """Note an answer; of its headers the trace id only."""
        self._status = status
        self._headers = headers

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        seconds = self._telemetry.monotonic() - self._began_at
        # The class only: what an exception of requests says holds the address, and so the query.
        failure = None if kind is None else kind.__name__
        trace_id = read_trace_id(self._headers)
        if self._span is not None:
            self._span.end(self._status, failure, trace_id=trace_id, seconds=seconds)
        logs.request_ended(
            self._method,
            self._template,
            status=self._status,
            failure=failure,
            attempt=self._attempt,
            seconds=seconds,
            trace_id=trace_id,
            cloud_id=self._cloud_id,
        )


class ActionNote:
    """One call of an action; see `Telemetry.action`."""

    __slots__ = (
        "_began_at", "_cloud_id", "_code", "_name", "_node_id", "_run_id", "_running", "_site", "_span", "_telemetry",
        "_trace_id", "_usage",
    )  # fmt: skip

    def __init__(self, telemetry: Telemetry, name: str, *, run_id: object, node_id: object) -> None:
        self._telemetry = telemetry
        self._name = name
        self._run_id = clean(run_id)
        self._node_id = clean(node_id)
        self._code: str | None = None
        self._usage: Usage | None = None
        self._site: str | None = None
        self._cloud_id: str | None = None
        self._trace_id: str | None = None
        self._span: ActionSpan | None = None

    def __enter__(self) -> Self:
        fields = {"action": self._name, "run_id": self._run_id, "node_id": self._node_id}
        self._running: Token[Mapping[str, object]] = logs.RUNNING.set(fields)
        spans = self._telemetry.spans
        if spans is not None:
            self._span = spans.action(self._name, run_id=self._run_id, node_id=self._node_id)
        self._began_at = self._telemetry.monotonic()
        return self

    def used(self, usage: Usage, *, site: str | None, cloud_id: str | None) -> None:
        """Note what it used, and where."""
        self._usage = usage
        self._site = site
        self._cloud_id = cloud_id

    def failed(self, error: PluginError) -> None:
        """Note that it failed as it may: the error's code and trace id, none of its words."""
        self._code = error.code
        self._trace_id = error.trace_id

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        seconds = self._telemetry.monotonic() - self._began_at
        failure = self._code if kind is None else kind.__name__
        if self._span is not None:
            self._span.end(
                failure,
                self._usage,
                site=self._site,
                cloud_id=self._cloud_id,
                trace_id=self._trace_id,
                seconds=seconds,
            )
        logs.action_ended(
            self._name,
            failure=failure,
            usage=self._usage,
            site=self._site,
            cloud_id=self._cloud_id,
            trace_id=self._trace_id,
            seconds=seconds,
        )
        logs.RUNNING.reset(self._running)
