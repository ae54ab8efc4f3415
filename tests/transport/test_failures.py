from __future__ import annotations

import datetime as dt
import ipaddress
import socket
import ssl
import struct
import threading
from contextlib import contextmanager

import pytest
import requests
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from vantage_jira_plugin.errors import NetworkError, UnknownOutcomeError
from vantage_jira_plugin.operations import Operation
from vantage_jira_plugin.transport.budget import Budget
from vantage_jira_plugin.transport.failures import no_answer

_READ = Operation("GET", "/rest/api/3/field", "read the list", frozenset(), frozenset(), answer=list)
_WRITE = Operation("POST", "/rest/api/3/issue", "create the issue", frozenset(), frozenset(), writes=True)
_CUT = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{"
_CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{"
_RESET = "reset"
_SILENT = "silent"


@contextmanager
def _server(answer, context=None):
    """Listen on loopback and give each connection this answer: bytes, a reset, or silence; yields the port."""
    ended = threading.Event()

    def serve():
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with connection:
                _give(connection)

    def _give(connection):
        connection.settimeout(10)
        try:
            if context is not None:
                connection = context.wrap_socket(connection, server_side=True)
            connection.recv(65_536)
            if answer == _RESET:
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            elif answer == _SILENT:
                ended.wait(10)
            else:
                connection.sendall(answer)
        except OSError:
            return
        finally:
            connection.close()

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield listener.getsockname()[1]
        finally:
            ended.set()
            listener.shutdown(socket.SHUT_RDWR)
            thread.join()


def _failure(url, **more):
    """Return what requests raises for a request."""
    with requests.Session() as session:
        session.trust_env = False
        with pytest.raises(requests.RequestException) as caught:
            session.post(url, data=b"x", **{"timeout": 5.0, **more})
    return caught.value


def _closed_port():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]


@pytest.fixture(scope="module")
def foreign(tmp_path_factory):
    """TLS of a server whose certificate nobody here trusts."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "nobody")])
    start = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(start)
        .not_valid_after(start + dt.timedelta(days=36_500))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "server.pem"
    path.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    return context


def _refused():
    return _failure(f"http://127.0.0.1:{_closed_port()}/")


def _unknown_name(monkeypatch):
    def unknown(*args, **more):
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    return _failure("http://nobody.invalid/")


def _dead_proxy():
    return _failure("http://127.0.0.1:1/", proxies={"http": f"http://127.0.0.1:{_closed_port()}"})


def _answered(answer):
    with _server(answer) as port:
        return _failure(f"http://127.0.0.1:{port}/")


def _unanswered():
    with _server(_SILENT) as port:
        return _failure(f"http://127.0.0.1:{port}/", timeout=0.05)


# ---- before anything was sent ---------------------------------------------------------------


def _before_sending(monkeypatch, which):
    return {
        "refused": _refused,
        "unknown name": lambda: _unknown_name(monkeypatch),
        "proxy": _dead_proxy,
        "no URL": lambda: _failure("http://[/"),
        "slow handshake": lambda: requests.exceptions.ConnectTimeout("timed out"),
    }[which]()


@pytest.mark.parametrize(
    ("which", "words", "passing"),
    [
        ("refused", "no connection could be made", True),
        ("unknown name", "no connection could be made", True),
        ("proxy", "the proxy could not be reached", True),
        ("no URL", "no connection could be made", False),
        ("slow handshake", "no answer in time", True),
    ],
)
@pytest.mark.parametrize("operation", [_READ, _WRITE], ids=["read", "write"])
def test_what_was_never_sent_has_not_happened(monkeypatch, which, words, passing, operation):
    """A write, too, is a network failure then, and may be repeated; an address that is none stays none."""
    error = no_answer(operation, _before_sending(monkeypatch, which), Budget(), "api.example")
    assert type(error) is NetworkError
    assert error.message == f"could not {operation.does}: {words} (api.example)"
    assert (error.retryable, error.passing) == (True, passing)


@pytest.mark.parametrize("operation", [_READ, _WRITE], ids=["read", "write"])
def test_an_untrusted_certificate_is_nothing_that_passes(foreign, operation):
    """Nothing was sent, and the next moment is no better: it is told at once."""
    with _server(b"", foreign) as port:
        failure = _failure(f"https://127.0.0.1:{port}/")
    error = no_answer(operation, failure, Budget(), "api.example")
    assert type(error) is NetworkError
    assert "no secure connection (TLS)" in error.message
    assert not error.passing


# ---- after it -------------------------------------------------------------------------------

_LOST = [
    pytest.param(lambda: _answered(_RESET), "the connection broke", id="reset"),
    pytest.param(lambda: _answered(b""), "the connection broke", id="closed"),
    pytest.param(lambda: _answered(_CUT), "the connection broke", id="cut off"),
    pytest.param(lambda: _answered(_CHUNKED), "the connection broke", id="cut chunk"),
    pytest.param(lambda: _answered(b"no HTTP\r\n\r\n"), "the connection broke", id="no HTTP"),
    pytest.param(_unanswered, "no answer in time", id="silent"),
]


@pytest.mark.parametrize(("fail", "words"), _LOST)
def test_a_lost_answer_to_a_read_passes(fail, words):
    """Reading again is right."""
    error = no_answer(_READ, fail(), Budget(), "api.example")
    assert type(error) is NetworkError
    assert error.message == f"could not read the list: {words} (api.example)"
    assert error.passing


@pytest.mark.parametrize(("fail", "words"), _LOST)
def test_a_lost_answer_to_a_write_leaves_the_outcome_unknown(fail, words):
    """It was sent: whether it happened is not known, and it is not repeated."""
    error = no_answer(_WRITE, fail(), Budget(), "api.example")
    assert type(error) is UnknownOutcomeError
    assert words in error.message
    assert "Look in Jira" in error.hint
    assert (error.retryable, error.passing) == (False, False)


def test_a_broken_tls_connection_may_have_carried_a_write():
    """Speaking TLS to what speaks none looks the same as TLS that broke later: the outcome is not known."""
    with _server(b"HTTP/1.1 400 Bad Request\r\n\r\n") as port:
        failure = _failure(f"https://127.0.0.1:{port}/")
    assert type(no_answer(_WRITE, failure, Budget(), "api.example")) is UnknownOutcomeError
    error = no_answer(_READ, failure, Budget(), "api.example")
    assert "no secure connection (TLS)" in error.message
    assert error.passing


def test_the_callers_time_is_the_reason_where_it_is_over():
    """Whatever broke: when the caller's time is over, that is said, and nothing is repeated."""
    now = [0.0]
    budget = Budget(20, clock=lambda: now[0])
    now[0] = 20.0
    error = no_answer(_READ, requests.ReadTimeout("read timed out"), budget, "api.example")
    assert "no answer within the 20 s that the caller waits" in error.message
    assert not error.passing
