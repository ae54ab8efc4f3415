"""The adapter on real sockets: what it waits for, what it leaves to others, which connection it uses."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import requests

from vantage_jira_plugin.transport.backoff import BackoffAdapter
from vantage_jira_plugin.transport.budget import Budget
from vantage_jira_plugin.transport.limits import BackoffPolicy

_NOW = 1_800_000_000.0


class _Refusing:
    """A server that answers a script of `(status, headers)` and counts connections."""

    def __init__(self) -> None:
        self.script: list[tuple[int, dict[str, str]]] = []
        self.connections = 0
        self.bodies: list[bytes] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def setup(self) -> None:
                outer.connections += 1
                super().setup()

            def do_POST(self) -> None:
                outer.bodies.append(self.rfile.read(int(self.headers["Content-Length"])))
                status, headers = outer.script.pop(0) if outer.script else (200, {})
                body = b'{"errorMessages": ["slow down"]}' * 200
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *args: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/"
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})
        self._thread.start()

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


@pytest.fixture
def server():
    """A scripted server, ended after the test."""
    refusing = _Refusing()
    yield refusing
    refusing.close()


@pytest.fixture
def send(server, slept):
    """Return a function that posts through the adapter; nothing sleeps."""
    with requests.Session() as session:
        session.trust_env = False

        def post(budget=None, policy=None):
            adapter = BackoffAdapter(policy, sleep=slept.append, jitter=lambda: 1.0, clock=lambda: _NOW)
            session.mount("http://", adapter)
            answer = session.post(server.url, data=b"x", timeout=Budget() if budget is None else budget)
            adapter.close()
            return answer

        yield post


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"Retry-After": "7"}, 7.0),
        ({"Retry-After": "0"}, 0.0),
        ({"Retry-After": "Fri, 15 Jan 2027 08:00:05 GMT"}, 5.0),
        ({"X-RateLimit-Reset": "2027-01-15T08:00:09Z"}, 9.0),
        ({"X-RateLimit-Reset": "2027-01-15T08:00Z"}, 0.0),
        ({"Retry-After": "3", "X-RateLimit-Reset": "2027-01-15T08:00:09Z"}, 3.0),
        ({}, 2.0),
        ({"Retry-After": "soon"}, 2.0),
    ],
)
def test_it_waits_as_long_as_the_refusal_says(server, send, slept, headers, seconds):
    """Retry-After in any form, else the reset time, else two seconds."""
    server.script = [(429, headers)]
    assert send().status_code == 200
    assert slept == [seconds]


def test_it_doubles_up_to_four_retries(server, send, slept):
    """Refusals without a time: 2, 4, 8, 16 seconds, then the refusal is handed on."""
    server.script = [(429, {})] * 9
    assert send().status_code == 429
    assert slept == [2.0, 4.0, 8.0, 16.0]
    assert len(server.bodies) == 5


def test_the_setting_replaces_the_doubling(server, send, slept):
    """The setting retryAfter is the wait after a 429 that names no time."""
    server.script = [(429, {}), (429, {"Retry-After": "4"})]
    send(policy=BackoffPolicy(fallback_seconds=1.5))
    assert slept == [1.5, 4.0]


def test_it_gives_up_at_once_when_the_wait_is_longer_than_the_caller_waits(server, send, slept):
    """A caller with ten seconds is not kept for eleven."""
    server.script = [(429, {"Retry-After": "11"})]
    assert send(Budget(10)).status_code == 429
    assert slept == []


def test_the_whole_wait_of_a_request_stays_below_the_leeway(server, send, slept):
    """Waits that would add up to a minute are not begun."""
    server.script = [(429, {"Retry-After": "25"})] * 4
    assert send().status_code == 429
    assert slept == [25.0, 25.0]


def test_refusals_keep_their_connection(server, send):
    """A refused answer is read to its end, so that all attempts use one connection."""
    server.script = [(429, {"Retry-After": "0"})] * 4
    assert send().status_code == 200
    assert (len(server.bodies), server.connections) == (5, 1)


def test_the_meter_counts(server, send):
    """The budget knows attempts, repeats and seconds waited."""
    server.script = [(429, {"Retry-After": "2"}), (429, {"Retry-After": "3"})]
    budget = Budget(100)
    send(budget)
    usage = budget.usage()
    assert (usage["requests"], usage["retries"], usage["waitedSeconds"]) == (3, 2, 5.0)


@pytest.mark.parametrize("status", [200, 400, 401, 403, 404, 500, 503])
def test_other_answers_are_not_its_business(server, send, slept, status):
    """Whatever is not a 429 is handed on at once."""
    server.script = [(status, {"Retry-After": "5"})]
    assert send().status_code == status
    assert slept == []


def test_the_body_is_sent_again(server, send):
    """A repeated write carries the same body."""
    server.script = [(429, {"Retry-After": "0"})]
    send()
    assert server.bodies == [b"x", b"x"]
