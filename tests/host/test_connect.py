from __future__ import annotations

import socket
import threading
import urllib.error
import urllib.request
from urllib.parse import parse_qs, urlsplit

import pytest

from vantage_jira_plugin.host.connect import CallbackServer, connect
from vantage_jira_plugin.host.errors import HostError


def get(url):
    """Return status and text of a loopback page."""
    try:
        with urllib.request.urlopen(url, timeout=10) as answer:  # noqa: S310 - loopback
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, ""


def person(query, pages, before=()):
    """Return a browser: in the background it visits `before`, then comes back with `query`."""

    def open_browser(url):
        base = parse_qs(urlsplit(url).query)["redirect_uri"][0]

        def act():
            pages.extend(get(base.removesuffix("/callback") + path) for path in before)
            pages.append(get(f"{base}?{query}"))

        thread = threading.Thread(target=act)
        threads.append(thread)
        thread.start()

    threads = []
    open_browser.threads = threads
    return open_browser


def run(host, browser):
    """Connect `c1` with that browser; returns the answer and what was announced."""
    announced = []
    try:
        answer = connect(host.link("c1"), port=0, timeout_seconds=10, announce=announced.append, open_browser=browser)
    finally:
        for thread in browser.threads:
            thread.join()
    return answer, announced


def test_a_person_connects(host):
    """The full callback URL reaches the plugin, its record is stored, and the page says so."""
    pages = []
    answer, announced = run(host, person("code=42&state=s1", pages))
    assert answer["status"] == "connected"
    assert host.credentials.read("c1")["accessToken"] == "token of 42"
    assert announced[0].startswith("https://auth.atlassian.com/authorize?")
    ((status, page),) = pages
    assert status == 200
    assert "<h1>Connected</h1>" in page


def test_the_page_tells_when_it_did_not_work(host):
    """What came back is the plugin's to judge; the page follows its verdict."""
    pages = []
    answer, _ = run(host, person("error=access_denied&state=s1", pages))
    assert answer["status"] == "reconnect"
    assert "<h1>Not connected</h1>" in pages[0][1]


def test_other_requests_do_not_end_the_wait(host):
    """A favicon, an unknown path, a bare callback and a forged one get 404; the real answer still counts."""
    pages = []
    before = [
        "/favicon.ico",
        "/",
        "/callback",
        "/callback?x=1",
        "/callback?code=evil&state=guess",
        "/callback?code=evil",
    ]
    answer, _ = run(host, person("code=1&state=s1", pages, before=before))
    assert [status for status, _ in pages] == [*[404] * len(before), 200]
    assert answer["status"] == "connected"


def test_a_plugins_error_comes_through_and_the_page_is_sent(host):
    """An error while finishing leaves the person with a page that does not claim success."""
    host.settings.set_settings("echo", {"voice": "far"})
    pages = []
    with pytest.raises(Exception, match="cannot be reached"):
        run(host, person("code=1&state=s1", pages))
    assert "Not connected" in pages[0][1]


def test_a_second_hit_gets_the_same_page():
    """A browser that repeats the callback does no harm."""
    pages = []
    with CallbackServer(0) as server:
        server.expect("a")
        threads = [
            threading.Thread(target=lambda: pages.append(get(f"{server.redirect_uri}?code=1&state=a"))) for _ in "12"
        ]
        for thread in threads:
            thread.start()
        assert server.wait(10) == f"{server.redirect_uri}?code=1&state=a"
        server.answer("<T>", "&")
        for thread in threads:
            thread.join()
    assert len(pages) == 2
    assert all("<h1>&lt;T&gt;</h1><p>&amp;</p>" in page for _, page in pages)


def test_nobody_comes(host):
    """The wait ends, and the port is free again."""
    with pytest.raises(TimeoutError, match="nobody came back"):
        connect(host.link("c1"), port=0, timeout_seconds=0.01, announce=str, open_browser=str)


def test_a_port_in_use_is_wrong_use():
    """The error says which port, and what to register for another."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(HostError, match=str(port)) as caught:
            CallbackServer(port)
    assert "--port" in caught.value.hint
