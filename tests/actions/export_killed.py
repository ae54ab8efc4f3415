"""An export that its test kills: `python -m tests.actions.export_killed`, with its connection as JSON on stdin."""

from __future__ import annotations

import json
import sys

from tests.memoryhost import MemoryServices, settings_for
from vantage_jira_plugin.connection import Connection
from vantage_jira_plugin.settings import load_settings


def main():
    """Run the export against the simulator of the test and print its envelope."""
    given = json.load(sys.stdin)
    services = MemoryServices(given["authUrl"], given["apiUrl"], secret=given["secret"])
    settings = load_settings(settings_for(given["grant"], given["clientId"]), services.open_record)
    connection = Connection(settings, services)
    print("begun", flush=True)  # noqa: T201 - tells the test when to start counting
    print(json.dumps(connection.execute("exportIssues", given["inputs"], {}, {})), flush=True)  # noqa: T201 - the answer


if __name__ == "__main__":
    main()
