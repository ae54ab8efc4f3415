"""A worker that kills itself at a named point of a refresh: `python -m tests.host.crashing POINT`. No tests here.

It opens the reference host that the environment describes, reads an issue through the real plugin, and prints the
envelope where it is still alive then.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from functools import wraps

import sqlalchemy as sa
from requests.adapters import HTTPAdapter

from vantage_jira_plugin.host.application import Host
from vantage_jira_plugin.host.credential_store import SqlTransaction

#: Points by name, in the order in which a refresh passes them.
POINTS = ("while-noting", "before-sending", "after-the-answer", "while-saving", "after-saving")
CREDENTIAL_ID = "c1"


def die():
    """End as a worker ends whose machine is switched off."""
    os.kill(os.getpid(), signal.SIGKILL)


def arm(point):
    """Make this process die at a point of its first refresh."""
    send, save = HTTPAdapter.send, SqlTransaction.save
    answers = []

    @wraps(send)
    def sending(adapter, request, *arguments, **named):
        refreshing = request.url.endswith("/oauth/token")
        if refreshing and point == "before-sending":
            die()
        response = send(adapter, request, *arguments, **named)
        if refreshing and point == "after-the-answer":
            die()
        if refreshing:
            answers.append(response)
        return response

    @wraps(save)
    def saving(transaction, record):
        if point == ("while-saving" if answers else "while-noting"):  # written, and not committed
            sa.event.listen(sa.Engine, "after_cursor_execute", _die_after_update)
        save(transaction, record)
        if answers and point == "after-saving":
            die()

    HTTPAdapter.send, SqlTransaction.save = sending, saving


def _die_after_update(_connection, _cursor, statement, *_rest):
    if statement.startswith("UPDATE credentials"):
        die()


def main():
    """Read an issue, and die on the way where an argument says so."""
    if sys.argv[1:]:
        arm(sys.argv[1])
    host = Host.open(os.environ)
    sys.stdout.write(json.dumps(host.link(CREDENTIAL_ID).execute("getIssue", {"issueKey": "DEV-1"}, {})))
    host.close()


if __name__ == "__main__":
    main()
