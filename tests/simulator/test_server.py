from __future__ import annotations

import http.client
import socket
import threading
import time

import pytest

from vantage_jira_plugin.simulator.faultkinds import Manner, Reply
from vantage_jira_plugin.simulator.messages import Request, Response
from vantage_jira_plugin.simulator.server import Server


def echo(request: Request) -> Reply:
    """Answer with what came in."""
    return Reply(Response(200, {"path": request.path, "size": len(request.body)}))


@pytest.fixture
def server():
    """Run a server that echoes."""
    server = Server(echo)
    yield server
    server.close()


def talk(server, data):
    """Send bytes and return everything that comes back until the server hangs up."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as connection:
        connection.sendall(data)
        received = b""
        while part := connection.recv(65_536):
            received += part
        return received


def test_connection_is_kept_alive(server):
    """Several requests share a connection until the client asks to close it."""
    first = b"GET /1 HTTP/1.1\r\nHost: h\r\n\r\n"
    last = b"GET /2 HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"
    received = talk(server, first + last + first)
    assert received.count(b"HTTP/1.1 200 OK") == 2
    assert b'{"path":"/2","size":0}' in received


def test_malformed_request_is_answered_and_hung_up(server):
    """What is no HTTP gets 400 and the end of the connection."""
    received = talk(server, b"nonsense\r\n\r\n")
    assert received.startswith(b"HTTP/1.1 400 Bad Request\r\n")
    assert b"Connection: close" in received


def test_client_that_waits_for_continue_is_answered(server):
    """`Expect: 100-continue` gets its interim answer."""
    head = b"PUT /x HTTP/1.1\r\nExpect: 100-continue\r\nConnection: close\r\nContent-Length: 2\r\n\r\n"
    received = talk(server, head + b"ab")
    assert received.startswith(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n")


def test_client_that_leaves_is_no_event(server, capfd):
    """A client that resets its connection in the middle of a request leaves no trace on standard error."""
    import struct  # noqa: PLC0415 - only this test packs anything

    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as connection:
        connection.sendall(b"GET /1 HTTP/1.1\r\nContent-Length: 5\r\n\r\nab")
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    assert talk(server, b"GET / HTTP/1.0\r\n\r\n").startswith(b"HTTP/1.1 200")
    assert capfd.readouterr().err == ""


def test_closing_ends_idle_connections_and_frees_the_port():
    """Close hangs up on clients that wait, and nobody is let in after it."""
    server = Server(echo)
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
    connection.request("GET", "/")
    connection.getresponse().read()
    server.close()
    assert connection.sock.recv(1) == b""
    connection.close()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", server.port), timeout=10)


def test_closing_does_not_wait_for_slow_answers():
    """An answer that is held back does not hold up the end."""
    asked = threading.Event()

    def slow(request: Request) -> Reply:
        asked.set()
        return Reply(Response(200), delay_seconds=60)

    server = Server(slow)
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as connection:
        connection.sendall(b"GET / HTTP/1.1\r\n\r\n")
        assert asked.wait(10)
        began = time.monotonic()
        server.close()
    assert time.monotonic() - began < 5


def test_requests_are_served_side_by_side():
    """Every connection has its own thread."""
    together = threading.Barrier(8, timeout=10)

    def meet(request: Request) -> Reply:
        together.wait()
        return Reply(Response(200))

    server = Server(meet)
    answers = []
    threads = [
        threading.Thread(target=lambda: answers.append(talk(server, b"GET / HTTP/1.0\r\n\r\n"))) for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    server.close()
    assert [answer.split(b"\r\n")[0] for answer in answers] == [b"HTTP/1.1 200 OK"] * 8


def test_reset_manner_sends_rst():
    """A reset answer ends in ECONNRESET, also for a client that only reads."""
    server = Server(lambda _request: Reply(Response(200), Manner.RESET))
    with pytest.raises(ConnectionResetError):
        talk(server, b"GET / HTTP/1.1\r\n\r\n")
    server.close()


def test_taken_port_is_refused(server):
    """A port that is in use is an error at once."""
    with pytest.raises(OSError, match=r"in use"):
        Server(echo, port=server.port)
