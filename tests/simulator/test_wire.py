from __future__ import annotations

import gzip
import io
import json

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from vantage_jira_plugin.simulator.messages import JsonText, Request, Response
from vantage_jira_plugin.simulator.wire import WireError, encode, read_request


def read(data):
    """Read a request from bytes."""
    return read_request(io.BytesIO(data), lambda: None)


def test_request_is_read_with_query_headers_and_body():
    """Header names are lowered, repeated ones joined, empty query values kept."""
    request = read(
        b"POST /a%2Fb?x=1&x=2&y=&z=%C3%A4 HTTP/1.1\r\nHost: h\r\nX-A: 1\r\nx-a: 2\r\nContent-Length: 3\r\n\r\nabcrest"
    )
    assert request == Request(
        "POST",
        "/a%2Fb",
        {"x": ["1", "2"], "y": [""], "z": ["ä"]},
        {"host": "h", "x-a": "1, 2", "content-length": "3"},
        b"abc",
    )


def test_end_of_stream_is_no_request():
    """A client that hangs up between requests is no error."""
    assert read(b"") is None
    assert read(b"\r\n") is None


def test_chunked_body_is_joined():
    """A chunked body is read to its end, trailers included."""
    head = b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"
    assert read(head + b"3\r\nabc\r\n2;x=y\r\nde\r\n0\r\nT: 1\r\n\r\n").body == b"abcde"


def test_waiting_client_is_told_to_proceed():
    """`Expect: 100-continue` is answered before the body is read."""
    told = []
    data = io.BytesIO(b"PUT / HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\nx")
    assert read_request(data, lambda: told.append(data.tell())).body == b"x"
    assert told == [len(data.getvalue()) - 1]


def test_old_http_closes_the_connection():
    """An HTTP/1.0 client is not kept alive."""
    assert read(b"GET / HTTP/1.0\r\n\r\n").headers["connection"] == "close"


@pytest.mark.parametrize(
    ("data", "status"),
    [
        (b"nonsense\r\n\r\n", 400),
        (b"GET http://elsewhere/ HTTP/1.1\r\n\r\n", 400),
        (b"GET / HTTP/2.0\r\n\r\n", 400),
        (b"GET /\xff HTTP/1.1\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nno colon\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nA : b\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nA: b", 400),
        (b"GET / HTTP/1.1\r\nContent-Length: x\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nContent-Length: 9\r\n\r\nshort", 400),
        (b"GET / HTTP/1.1\r\nContent-Length: 99999999999\r\n\r\n", 413),
        (b"GET / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", 400),
        (b"GET / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\n", 413),
        (b"GET / HTTP/1.1\r\n" + b"A: b\r\n" * 201 + b"\r\n", 431),
        (b"GET /" + b"a" * 70_000 + b" HTTP/1.1\r\n\r\n", 414),
    ],
)
def test_malformed_request_is_refused(data, status):
    """What is not HTTP as it should be is answered and the connection closed."""
    with pytest.raises(WireError) as caught:
        read(data)
    assert caught.value.status == status
    assert caught.value.response().headers["Connection"] == "close"


_LINES = st.sampled_from([b"A: b\r\n", b"Content-Length: 1\r\n", b"\r\n", b"A", b":", b"x"])
_REQUESTS = st.lists(_LINES, max_size=4).map(lambda lines: b"GET /a HTTP/1.1\r\n" + b"".join(lines) + b"\r\n")


@given(st.binary(max_size=200) | _REQUESTS)
@example(b"GET / HTTP/1.1\r\n\r\n")
def test_any_bytes_are_a_request_or_refused(data):
    """Nothing but a request, None or a WireError comes out of reading."""
    try:
        request = read(data)
    except WireError:
        return
    assert request is None or request.path.startswith("/")


@given(
    st.lists(st.tuples(st.sampled_from("abc"), st.text(max_size=5)), max_size=4),
    st.binary(max_size=50),
)
def test_what_a_client_writes_is_read_back(pairs, body):
    """Query values and body survive the way through the wire."""
    from urllib.parse import urlencode  # noqa: PLC0415 - only this test writes URLs

    head = f"POST /p?{urlencode(pairs)} HTTP/1.1\r\nContent-Length: {len(body)}\r\n\r\n".encode()
    request = read(head + body)
    assert request.body == body
    flat = sorted((name, value) for name, values in request.query.items() for value in values)
    assert flat == sorted(pairs)


def split(parts):
    """Take an answer apart: status line, headers, body."""
    head, body = parts
    lines = head.decode("latin-1").split("\r\n")
    assert lines[-2:] == ["", ""]
    return lines[0], dict(line.split(": ", 1) for line in lines[1:-2]), body


def test_json_answer_has_type_and_length():
    """Data goes out as compact UTF-8 JSON with Jira's content type."""
    status, headers, body = split(encode(Response(201, {"name": "Ä"})))
    assert status == "HTTP/1.1 201 Created"
    assert body == '{"name":"Ä"}'.encode()
    assert headers["Content-Type"] == "application/json;charset=UTF-8"
    assert headers["Content-Length"] == str(len(body))


def test_large_answer_is_compressed_for_those_who_accept_it():
    """More than a kilobyte goes out compressed, but only where the client accepts that."""
    data = {"text": "x" * 2000}
    request = Request("GET", "/", headers={"accept-encoding": "gzip, deflate"})
    _, headers, body = split(encode(Response(200, data), request))
    assert headers["Content-Encoding"] == "gzip"
    assert json.loads(gzip.decompress(body)) == data
    assert int(headers["Content-Length"]) == len(body)
    _, headers, body = split(encode(Response(200, data), Request("GET", "/")))
    assert "Content-Encoding" not in headers
    assert json.loads(body) == data
    _, headers, _ = split(encode(Response(200, {"text": "x"}), request))
    assert "Content-Encoding" not in headers


def test_answer_without_content_has_no_length():
    """204 has neither body nor length; an empty 201 says that it is empty."""
    _, headers, body = split(encode(Response(204, {"ignored": True})))
    assert "Content-Length" not in headers
    assert "Content-Type" not in headers
    assert body == b""
    _, headers, body = split(encode(Response(201)))
    assert headers["Content-Length"] == "0"
    assert "Content-Type" not in headers


def test_half_a_character_does_not_end_the_answer():
    """Half a surrogate pair, or a letter no header can hold, goes out as a question mark."""
    _, headers, body = split(encode(Response(200, {"a\ud83d": "\ude00"}, {"X-A": "\u20ac\ud83d"})))
    assert json.loads(body) == {"a?": "?"}
    assert headers["X-A"] == "??"


def test_answer_is_dated_by_the_given_time():
    """`Date` is the time that is given, in whole seconds."""
    _, headers, _ = split(encode(Response(200), at=1_795_521_600.9))
    assert headers["Date"] == "Tue, 24 Nov 2026 12:00:00 GMT"


def test_given_headers_win_in_any_case():
    """A header of the answer replaces the one made here, whatever its case."""
    head, body = encode(Response(299, b"<p>", {"content-type": "text/html"}))
    assert head.lower().count(b"content-type") == 1
    assert b"content-type: text/html" in head
    assert head.startswith(b"HTTP/1.1 299 Unknown\r\n")
    assert body == b"<p>"


def test_a_written_list_goes_out_as_it_is():
    """Text that is JSON already leaves unchanged, compressed where it is long and the client takes it."""
    things = [b'{"id":"%d"}' % number for number in range(200)]
    body = JsonText(b'{"issues":[', things, b'],"isLast":true}')
    expected = b'{"issues":[' + b",".join(things) + b'],"isLast":true}'
    assert (body.text, len(body)) == (expected, len(expected))
    head, plain = encode(Response(200, body), Request("GET", "/"))
    assert plain == expected
    assert b"Content-Encoding" not in head
    head, packed = encode(Response(200, body), Request("GET", "/", headers={"accept-encoding": "gzip, deflate"}))
    assert gzip.decompress(packed) == expected
    assert b"Content-Encoding: gzip" in head
    assert b"Content-Length: %d\r\n" % len(packed) in head
    short = JsonText(b"[", [], b"]")
    assert encode(Response(200, short), Request("GET", "/", headers={"accept-encoding": "gzip"}))[1] == b"[]"
