"""OAuth in the browser: a loopback server waits for the answer. What the answer means is the plugin's."""

from __future__ import annotations

import hmac
import html
import queue
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Self
from urllib.parse import parse_qs, urlsplit

from .errors import ConsentTimeoutError, HostError

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

    from vantage_jira_plugin.contract import AuthenticateResult

    from .application import Link

__all__ = ["DEFAULT_PORT", "CallbackServer", "connect"]

#: Port of the callback URL. Atlassian compares the whole URL with those registered for the app, so a real
#: app registers `http://127.0.0.1:8735/callback`.
#: https://developer.atlassian.com/cloud/jira/platform/oauth-2-3lo-apps/
DEFAULT_PORT = 8735
#: Path of the callback URL.
CALLBACK_PATH = "/callback"
#: How long a browser may take to send its request, in seconds.
REQUEST_TIMEOUT_SECONDS = 10.0
#: How long the page waits for the plugin's verdict, in seconds.
VERDICT_TIMEOUT_SECONDS = 120.0
#: How long a finished flow waits until the page has been sent, in seconds.
DELIVERY_TIMEOUT_SECONDS = 2.0

PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>{title}</title>
<body style="font-family: sans-serif; margin: 4em"><h1>{title}</h1><p>{text}</p></body></html>
"""


def connect(
    link: Link,
    *,
    port: int,
    timeout_seconds: float,
    announce: Callable[[str], object],
    open_browser: Callable[[str], object],
) -> AuthenticateResult:
    """Send a person to the consent page, wait for the answer and let the plugin finish.

    Raises:
        HostError: the port is in use.
        ConsentTimeoutError: nobody came back in time.
        PluginError: the plugin could not find out what the answer is worth.
    """
    with CallbackServer(port) as server:
        start = link.authorize(server.redirect_uri)
        server.expect(start["state"])
        announce(start["url"])
        open_browser(start["url"])
        callback_url = server.wait(timeout_seconds)
        title = "Not connected"
        try:
            result = link.authorized(callback_url, start["state"])
            title = {"connected": "Connected", "choose_site": "Almost connected"}.get(result["status"], title)
        finally:
            server.answer(title, "You can close this window and go back to the terminal.")
    return result


class CallbackServer:
    """Waits on 127.0.0.1 for one callback; further ones get the same page, all else 404."""

    def __init__(self, port: int) -> None:
        self._callbacks: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._verdict = threading.Event()
        self._delivered = threading.Event()
        self._page = b""
        self._state = ""
        try:
            self._server = ThreadingHTTPServer(("127.0.0.1", port), _handler(self))
        except OSError as error:
            raise HostError(
                f"port {port} of 127.0.0.1 cannot be used: {error.strerror}",
                hint="--port N, and register http://127.0.0.1:N/callback for the app",
            ) from error
        self._server.daemon_threads = True
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, name="vantage-callback"
        )

    @property
    def redirect_uri(self) -> str:
        """Return the callback URL of this server."""
        return f"http://127.0.0.1:{self._server.server_port}{CALLBACK_PATH}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._verdict.is_set():
            self._delivered.wait(DELIVERY_TIMEOUT_SECONDS)
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def expect(self, state: str) -> None:
        """Wait for this consent's answer only: any page or process of the machine can call a loopback address."""
        self._state = state

    def expects(self, state: str) -> bool:
        """Tell whether an answer belongs to the consent that is waited for."""
        return hmac.compare_digest(self._state.encode(), state.encode("utf-8", "surrogatepass"))

    def wait(self, timeout_seconds: float) -> str:
        """Return the full URL that the person came back with.

        Raises:
            ConsentTimeoutError: nobody came.
        """
        try:
            return self._callbacks.get(timeout=timeout_seconds)
        except queue.Empty:
            raise ConsentTimeoutError(f"nobody came back from the consent page within {timeout_seconds:g} s") from None

    def answer(self, title: str, text: str) -> None:
        """Show the person how it went."""
        self._page = PAGE.format(title=html.escape(title), text=html.escape(text)).encode()
        self._verdict.set()

    def came_back(self, target: str) -> bytes:
        """Take a callback and return the page for it, once the verdict is known."""
        self._callbacks.put(f"{self.redirect_uri.removesuffix(CALLBACK_PATH)}{target}")
        self._verdict.wait(VERDICT_TIMEOUT_SECONDS)
        return self._page

    def delivered(self) -> None:
        """Note that a page was sent."""
        self._delivered.set()


def _handler(owner: CallbackServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        timeout = REQUEST_TIMEOUT_SECONDS

        def do_GET(self) -> None:
            """Answer the callback with a page, anything else with 404."""
            parts = urlsplit(self.path)
            # A browser may fetch the bare path first; only an answer of the consent page ends the wait.
            query = parse_qs(parts.query)
            answers = {"code", "error"} & query.keys() and owner.expects(query.get("state", [""])[0])
            if parts.path != CALLBACK_PATH or not answers:
                self.send_error(404)
                return
            page = owner.came_back(self.path)
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(page)))
            self.send_header("Cache-Control", "no-store")
            self.send_header("Referrer-Policy", "no-referrer")  # the address holds the code
            self.send_header("Connection", "close")
            self.end_headers()
            self.wfile.write(page)
            owner.delivered()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - http.server's signature
            """Stay silent: the request line holds the code."""

    return Handler
