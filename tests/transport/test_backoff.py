"""The adapter on real sockets: what it waits for, what it leaves to others, which connection it uses."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import requests

from tests.transport.virtualtime import VirtualTime
from vantage_jira_plugin.errors import CancelledError, RateLimitedError
from vantage_jira_plugin.telemetry import Telemetry
from vantage_jira_plugin.transport.backoff import BackoffAdapter, jitter_factor
from vantage_jira_plugin.transport.board import Board
from vantage_jira_plugin.transport.budget import Budget
from vantage_jira_plugin.transport.gate import Gate
from vantage_jira_plugin.transport.limits import BackoffPolicy
from vantage_jira_plugin.transport.traffic import Passage, Traffic

#: Of the clock of these tests; 2027-01-15T08:00:00Z.
_NOW = 1_800_000_000.0
_POST = Traffic("app", "site", "POST", "/rest/api/3/issue", "create the issue")
_EDIT = Traffic("app", "site", "PUT", "/rest/api/3/issue/{issueIdOrKey}", "update the issue", issue="DEV-1")


class _Refusing:
    """A server that answers a script of `(status, headers)`, 0 for no answer, and counts connections."""

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
                if not status:
                    self.close_connection = True
                    return
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
def time():
    """The clock of the adapter and its gate; waits move it."""
    return VirtualTime(_NOW)


@pytest.fixture
def slept(time):
    """Seconds that were waited, in order."""
    return time.slept


@pytest.fixture
def adapter(time):
    """An adapter whose waits take no time."""
    telemetry = Telemetry(load_spans=lambda: None)
    gate = Gate(Board(None, clock=time, monotonic=time), telemetry, max_in_flight=2, sleep=time.sleep, clock=time)
    made = BackoffAdapter(gate, telemetry, jitter=lambda: 1.0, clock=time)
    yield made
    made.close()


@pytest.fixture
def send(server, adapter, time):
    """Return a function that posts through the adapter; nothing sleeps."""
    with requests.Session() as session:
        session.trust_env = False
        session.mount("http://", adapter)

        def post(budget=None, policy=None, traffic=_POST):
            if policy is not None:
                adapter.policy = policy
            budget = Budget(clock=time) if budget is None else budget
            return session.post(server.url, data=b"x", timeout=Passage(budget, traffic))

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
    assert sum(slept) == pytest.approx(seconds)


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
    assert (usage["requests"], usage["retries"], usage["waitedSeconds"]) == (3, 2, pytest.approx(5.0, abs=0.5))


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


# ---- what it hears for the gate -------------------------------------------------------------


def test_a_refusal_closes_the_endpoint_for_the_next_request(server, send, slept):
    """A request that cannot wait leaves the window closed: the next one is not even sent."""
    server.script = [(429, {"Retry-After": "20"})]
    assert send(Budget(5)).status_code == 429
    with pytest.raises(RateLimitedError) as caught:
        send(Budget(5))
    assert caught.value.retry_after_seconds == 20.0
    assert len(server.bodies) == 1
    assert send(traffic=_EDIT).status_code == 200
    assert slept == []


def test_the_bucket_that_answers_show_sets_the_pace(server, send, slept):
    """Headers of an answer slow the next requests before anything is refused."""
    server.script = [(200, {"X-RateLimit-Limit": "10", "X-RateLimit-Remaining": str(left)}) for left in (1, 0, 0)]
    for _ in range(3):
        assert send().status_code == 200
    assert len(server.bodies) == 3
    assert sum(slept) > 0.3


def test_points_that_are_scarce_slow_background_work(server, adapter, send, slept):
    """The quota that an answer shows is what background work is spread over."""
    server.script = [(200, {"RateLimit": '"global-app-quota";r=100;t=600'})] * 2
    background = Traffic("app", "site", "POST", "/rest/api/3/search/jql", "search issues", background=True)
    send(traffic=background)
    adapter._gate.spent(background, 10)
    send(traffic=background)
    assert slept == [pytest.approx(60.0)]


def test_a_request_that_has_waited_is_signed_again(server, adapter, send):
    """After a wait the token may be another one; a request that did not wait keeps its own."""
    renewed = []
    adapter.renew = lambda request, budget: renewed.append(len(server.bodies))
    send()
    server.script = [(429, {"Retry-After": "3"})]
    send()
    assert renewed == [2]


def test_a_renewal_that_fails_gives_its_place_back(server, adapter, send):
    """A wait that ends without a token sends nothing and holds nothing up."""

    class NoTokenError(Exception):
        pass

    def renew(request, budget):
        raise NoTokenError

    adapter.renew = renew
    for _ in range(3):
        server.script = [(429, {"Retry-After": "3"})]
        with pytest.raises(NoTokenError):
            send()
    adapter.renew = None
    server.script = []
    assert send(Budget(10)).status_code == 200


def test_a_connection_that_breaks_gives_its_place_back(server, send):
    """Two places, three requests that were lost: the fourth goes."""
    server.script = [(0, {})] * 3
    for _ in range(3):
        with pytest.raises(requests.RequestException):
            send(Budget(5))
    assert send(Budget(5)).status_code == 200


def test_nothing_is_sent_once_the_time_is_over(server, send, time):
    """A caller whose patience is used up gets no request."""
    budget = Budget(5, clock=time)
    time.sleep(5)
    with pytest.raises(CancelledError, match="nothing more was sent"):
        send(budget)
    assert server.bodies == []


def test_a_request_that_names_no_passage_goes_too(server, adapter):
    """The token endpoint is asked with a budget alone, or with nothing; it is an endpoint of its own."""
    with requests.Session() as session:
        session.trust_env = False
        session.mount("http://", adapter)
        budget = Budget(5)
        assert budget.sent_at is None
        began_at = adapter._clock()
        server.script = [(429, {"Retry-After": "2"})]
        assert session.post(server.url, data=b"x", timeout=budget).status_code == 200
        assert (budget.requests, budget.retries, budget.waited_seconds) == (2, 1, pytest.approx(2.0, abs=0.5))
        assert budget.sent_at == pytest.approx(began_at + 2, abs=1)
        assert session.post(server.url, data=b"x").status_code == 200


def test_the_token_endpoint_needs_no_place(server, adapter):
    """Requests that hold all places may be waiting for the very token that is asked for."""
    for _ in range(2):
        adapter._gate.enter(_POST, Budget())
    with requests.Session() as session:
        session.trust_env = False
        session.mount("http://", adapter)
        assert session.post(server.url, data=b"x", timeout=Budget(1)).status_code == 200


def test_jitter_spreads_around_one():
    """Waits differ by up to 30 % either way."""
    factors = [jitter_factor() for _ in range(200)]
    assert min(factors) >= 0.7
    assert max(factors) <= 1.3
    assert len(set(factors)) > 100
