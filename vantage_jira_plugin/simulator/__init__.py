"""A Jira Cloud on loopback, for tests, benchmarks and the demonstration. It never imports the connector."""

from __future__ import annotations

from vantage_jira_plugin.simulator.embedded import Simulator
from vantage_jira_plugin.simulator.faults import Fault
from vantage_jira_plugin.simulator.requestlog import LoggedRequest

__all__ = ["Fault", "LoggedRequest", "Simulator"]
