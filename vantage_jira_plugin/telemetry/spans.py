"""Spans and metrics of OpenTelemetry. The only opentelemetry import; nothing is logged here.

Names and attributes of HTTP follow the stable semantic conventions.
Source: https://opentelemetry.io/docs/specs/semconv/http/http-spans/ and .../http-metrics/ (1.41). `url.full` is left
out on purpose: paths and queries hold keys, names and JQL.
"""

from __future__ import annotations

from contextlib import nullcontext
from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from opentelemetry import metrics, trace

from vantage_jira_plugin import __version__

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from opentelemetry.util.types import AttributeValue

    from vantage_jira_plugin.contract import Usage

__all__ = ["ActionSpan", "RequestSpan", "Spans"]

_SCOPE = "vantage_jira_plugin"
_HTTPS_PORT = 443
#: Bounds of `http.client.request.duration`. Source: http-metrics, page above.
_REQUEST_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10)
#: Actions and waits take from one request to the patience of a caller.
_LONG_SECONDS = (0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 900, 3600)

_Attributes = dict[str, "AttributeValue"]


class Spans:
    """Tracer and instruments; the process's own providers where none are given."""

    def __init__(
        self,
        tracer_provider: trace.TracerProvider | None = None,
        meter_provider: metrics.MeterProvider | None = None,
    ) -> None:
        self._tracer = trace.get_tracer(_SCOPE, __version__, tracer_provider)
        meter = metrics.get_meter(_SCOPE, __version__, meter_provider)
        self.request_seconds = meter.create_histogram(
            "http.client.request.duration",
            "s",
            "Duration of one attempt of a request.",
            explicit_bucket_boundaries_advisory=_REQUEST_SECONDS,
        )
        self.action_seconds = meter.create_histogram(
            "jira.action.duration",
            "s",
            "Duration of one call of an action.",
            explicit_bucket_boundaries_advisory=_LONG_SECONDS,
        )
        self.wait_seconds = meter.create_histogram(
            "jira.wait.duration",
            "s",
            "Seconds that a request waited before it was sent.",
            explicit_bucket_boundaries_advisory=_LONG_SECONDS,
        )
        self.points = meter.create_counter("jira.points", "{point}", "Points of Jira's hourly quota, by estimate.")
        self.retries = meter.create_counter("jira.retries", "{request}", "Requests that were sent again.")
        self.refusals = meter.create_counter("jira.refusals", "{refusal}", "Answers with status 429, by reason.")

    def action(self, name: str, *, run_id: str | None, node_id: str | None) -> ActionSpan:
        """Start the span of an action and make it the current one."""
        attributes: _Attributes = {"jira.action": name}
        _add(attributes, {"jira.run_id": run_id, "jira.node_id": node_id})
        return ActionSpan(self, name, self._tracer.start_span(f"jira.{name}", attributes=attributes))

    def request(self, method: str, template: str, *, host: str, cloud_id: str | None, attempt: int) -> RequestSpan:
        """Start the span of one attempt of a request."""
        server = urlsplit(f"//{host}")
        common: _Attributes = {
            "http.request.method": method,
            "url.template": template,
            "server.address": server.hostname or host,
            "server.port": server.port or _HTTPS_PORT,
        }
        attributes = dict(common)
        _add(attributes, {"jira.cloud_id": cloud_id, "http.request.resend_count": attempt or None})
        span = self._tracer.start_span(f"{method} {template}", kind=trace.SpanKind.CLIENT, attributes=attributes)
        return RequestSpan(self, span, common)

    def waiting(self, seconds: float, why: str, *, method: str, template: str) -> None:
        """Add a wait to the current span and to the metric."""
        attributes: _Attributes = {"jira.wait.reason": why, "http.request.method": method, "url.template": template}
        self.wait_seconds.record(seconds, attributes)
        trace.get_current_span().add_event("jira.wait", {**attributes, "jira.wait.seconds": seconds})

    def refused(self, reason: str, seconds: float | None, *, method: str, template: str) -> None:
        """Add a refusal to the current span and to the metric."""
        attributes: _Attributes = {
            "jira.refusal.reason": reason,
            "http.request.method": method,
            "url.template": template,
        }
        self.refusals.add(1, attributes)
        event = dict(attributes)
        _add(event, {"jira.wait.seconds": seconds})
        trace.get_current_span().add_event("jira.refusal", event)

    def renewed(self) -> None:
        """Add the renewal of the token to the current span."""
        trace.get_current_span().add_event("jira.login.renewed")


class RequestSpan:
    """The span of one attempt of a request."""

    __slots__ = ("_common", "_span", "_spans")

    def __init__(self, spans: Spans, span: trace.Span, common: _Attributes) -> None:
        self._spans = spans
        self._span = span
        self._common = common

    def end(self, status: int | None, failure: str | None, *, trace_id: str | None, seconds: float) -> None:
        """End it, and count it."""
        if failure is None and status is not None and status >= HTTPStatus.BAD_REQUEST:
            failure = str(status)
        outcome: dict[str, AttributeValue | None] = {"http.response.status_code": status, "error.type": failure}
        _add(self._common, outcome)
        self._spans.request_seconds.record(seconds, self._common)
        _end(self._span, failure, {**outcome, "atlassian.trace_id": trace_id})
        self._span.end()


class ActionSpan:
    """The span of one action."""

    __slots__ = ("_current", "_name", "_span", "_spans")

    def __init__(self, spans: Spans, name: str, span: trace.Span) -> None:
        self._spans = spans
        self._name = name
        self._span = span
        # Where nobody collects spans, a new one is the current one.
        self._current: AbstractContextManager[trace.Span] = (
            nullcontext(span)
            if span is trace.get_current_span()
            else trace.use_span(span, end_on_exit=True, record_exception=False, set_status_on_exception=False)
        )
        self._current.__enter__()

    def end(
        self,
        failure: str | None,
        usage: Usage | None,
        *,
        site: str | None,
        cloud_id: str | None,
        trace_id: str | None,
        seconds: float,
    ) -> None:
        """End it, and count what it used."""
        common: _Attributes = {"jira.action": self._name}
        used: dict[str, AttributeValue | None] = {
            "jira.site": site,
            "jira.cloud_id": cloud_id,
            "atlassian.trace_id": trace_id,
        }
        if usage is not None:
            self._spans.points.add(usage["points"], common)
            self._spans.retries.add(usage["retries"], common)
            used |= {f"jira.{name}": usage[name] for name in ("requests", "points", "retries")}
            used["jira.waited_seconds"] = usage["waitedSeconds"]
        _add(common, {"error.type": failure})
        self._spans.action_seconds.record(seconds, common)
        _end(self._span, failure, {**used, "error.type": failure})
        self._current.__exit__(None, None, None)


def _add(attributes: _Attributes, more: dict[str, AttributeValue | None]) -> None:
    """Add the attributes that are known."""
    attributes.update({name: value for name, value in more.items() if value is not None})


def _end(span: trace.Span, failure: str | None, attributes: dict[str, AttributeValue | None]) -> None:
    """Write what is known at the end on a span; its status says whether it failed."""
    if not span.is_recording():
        return
    known: _Attributes = {}
    _add(known, attributes)
    span.set_attributes(known)
    if failure is not None:
        span.set_status(trace.StatusCode.ERROR)
