"""The TCP side: listening, one thread per connection, one write per answer, resets. Decides nothing."""

from __future__ import annotations

import contextlib
import socket
import socketserver
import struct
import threading
import time
from typing import TYPE_CHECKING, Any

from vantage_jira_plugin.simulator.faultkinds import Manner, Reply
from vantage_jira_plugin.simulator.messages import Request, Response
from vantage_jira_plugin.simulator.wire import WireError, encode, read_request

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Server"]

#: The only address served.
LOOPBACK = "127.0.0.1"

#: How often the listener looks whether it shall stop, seconds.
POLL_SECONDS = 0.05

#: How long closing waits for the threads of open connections, seconds.
CLOSE_SECONDS = 5.0

#: SO_LINGER value that makes close() send RST instead of FIN: on, zero seconds.
#: Source: https://man7.org/linux/man-pages/man7/socket.7.html
RESET_LINGER = struct.pack("ii", 1, 0)


class _Connection(socketserver.StreamRequestHandler):
    """One client connection, kept alive between requests."""

    disable_nagle_algorithm = True
    wbufsize = 0
    server: _Listener

    def handle(self) -> None:
        """Answer requests until either side has enough."""
        # A client that goes away in the middle is no event: real servers see it all day.
        with contextlib.suppress(ConnectionError, TimeoutError):
            while self._serve_one():
                pass

    def _serve_one(self) -> bool:
        try:
            request = read_request(self.rfile, self._proceed)
        except WireError as error:
            self.connection.sendall(b"".join(encode(error.response(), at=self.server.clock())))
            return False
        if request is None:
            return False
        reply = Reply(Response(500, b"the simulator failed", {"Content-Type": "text/plain"}))
        try:
            reply = self.server.answer(request)
        finally:
            keep = self._send(reply, request)
        return keep

    def _proceed(self) -> None:
        self.connection.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")

    def _send(self, reply: Reply, request: Request) -> bool:
        """Send a reply; returns whether the connection stays open."""
        if reply.delay_seconds:
            self.server.stopping.wait(reply.delay_seconds)
        if reply.response is None or reply.manner is Manner.RESET:
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_LINGER)
            return False
        head, body = encode(reply.response, request, at=self.server.clock())
        if reply.manner is Manner.TRUNCATED:
            self.connection.sendall(head + body[: len(body) // 2])
            return False
        self.connection.sendall(head + body)
        return "close" not in request.headers.get("connection", "").lower()


class _Listener(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 256

    def __init__(self, port: int, answer: Callable[[Request], Reply], clock: Callable[[], float]) -> None:
        self.answer = answer
        self.clock = clock
        self.stopping = threading.Event()
        self._open_lock = threading.Lock()
        self._open: dict[socket.socket, threading.Thread] = {}
        super().__init__((LOOPBACK, port), _Connection)

    def process_request(self, request: Any, client_address: Any) -> None:
        """Serve one connection in its own thread, remembered so that closing can end it."""
        thread = threading.Thread(target=self.process_request_thread, args=(request, client_address), daemon=True)
        with self._open_lock:
            self._open[request] = thread
        thread.start()

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        """Serve one connection until it ends."""
        try:
            super().process_request_thread(request, client_address)
        finally:
            with self._open_lock:
                self._open.pop(request, None)

    def shutdown_request(self, request: Any) -> None:
        """Close a connection: without the FIN where it is to be reset."""
        lingers, seconds = struct.unpack(
            "ii", request.getsockopt(socket.SOL_SOCKET, socket.SO_LINGER, len(RESET_LINGER))
        )
        if lingers and seconds == 0:  # BSD answers another "on" than the one that was set
            self.close_request(request)
        else:
            super().shutdown_request(request)

    def end_connections(self) -> None:
        """Hang up on every client and wait for the threads."""
        with self._open_lock:
            open_now = dict(self._open)
        for connection in open_now:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        for thread in open_now.values():
            thread.join(CLOSE_SECONDS)


class Server:
    """A listening HTTP server on loopback; `answer` is called in the connection's thread, `clock` for `Date`."""

    def __init__(
        self,
        answer: Callable[[Request], Reply],
        *,
        port: int = 0,
        name: str = "simulator",
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._listener = _Listener(port, answer, clock)
        self._thread = threading.Thread(
            target=self._listener.serve_forever, args=(POLL_SECONDS,), name=name, daemon=True
        )
        self._thread.start()

    @property
    def port(self) -> int:
        """The port it listens on."""
        return int(self._listener.server_address[1])

    @property
    def url(self) -> str:
        """The base URL, without a slash at the end."""
        return f"http://{LOOPBACK}:{self.port}"

    def close(self) -> None:
        """Stop listening, hang up, wait for the threads."""
        self._listener.stopping.set()
        self._listener.shutdown()
        self._thread.join(CLOSE_SECONDS)
        self._listener.server_close()
        self._listener.end_connections()
