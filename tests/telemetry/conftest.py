"""What tests of telemetry share: OpenTelemetry in memory, and log records as their fields."""

from __future__ import annotations

import logging
from dataclasses import dataclass

import pytest
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from vantage_jira_plugin.telemetry import Telemetry
from vantage_jira_plugin.telemetry.spans import Spans


@dataclass
class Collected:
    """Everything that was handed to OpenTelemetry."""

    telemetry: Telemetry
    exporter: InMemorySpanExporter
    reader: InMemoryMetricReader

    def spans(self, name=None):
        """Return the finished spans, all or those of a name."""
        return [span for span in self.exporter.get_finished_spans() if name in {None, span.name}]

    def points(self, name):
        """Return the data points of a metric."""
        data = self.reader.get_metrics_data()
        resources = data.resource_metrics if data else []
        return [
            point
            for resource in resources
            for scope in resource.scope_metrics
            for metric in scope.metrics
            if metric.name == name
            for point in metric.data.data_points
        ]


@pytest.fixture
def collected():
    """Telemetry whose spans and metrics are kept in memory."""
    exporter, reader = InMemorySpanExporter(), InMemoryMetricReader()
    tracers = TracerProvider()
    tracers.add_span_processor(SimpleSpanProcessor(exporter))
    meters = MeterProvider(metric_readers=[reader])
    yield Collected(Telemetry(load_spans=lambda: Spans(tracers, meters)), exporter, reader)
    meters.shutdown()
    tracers.shutdown()


@pytest.fixture
def logged(caplog):
    """Return a function that gives the records so far as `(level, fields)`, or those of one event."""
    caplog.set_level(logging.DEBUG, "vantage_jira_plugin")

    def records(event=None):
        found = []
        for record in caplog.records:
            fields = {
                name.removeprefix("jira_"): value for name, value in vars(record).items() if name.startswith("jira_")
            }
            if fields and event in {None, fields["event"]}:
                found.append((record.levelname, fields))
        return found

    return records
