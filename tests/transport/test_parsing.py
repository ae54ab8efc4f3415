from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vantage_jira_plugin.transport import parsing
from vantage_jira_plugin.transport.parsing import members_of, parsed

_JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=20,
)


@given(_JSON)
def test_what_is_written_is_read(data):
    """Both readers give what the standard library wrote."""
    assert parsed(json.dumps(data).encode()) == data


@pytest.mark.parametrize("body", [b"", b"{", b'{"a": 1', b"<html>", b'{"a": 1}x', b"\xff"])
def test_what_is_no_json_is_an_error(body):
    """Cut and foreign bodies raise, whichever reader is there."""
    with pytest.raises(ValueError, match=r"."):
        parsed(body)


def test_half_a_surrogate_pair_is_read():
    """Old texts hold such halves; the faster reader refuses them, so that the other one reads them."""
    assert parsed(b'{"summary": "half \\ud83d"}') == {"summary": "half \ud83d"}


def test_the_extra_is_not_needed(monkeypatch):
    """Without msgspec the standard library reads."""
    monkeypatch.setattr(parsing, "_fast", None)

    assert parsed(b'{"a": [1, 2.5, "x"]}') == {"a": [1, 2.5, "x"]}


# ---- one member at a time -------------------------------------------------------------------

_READERS = pytest.mark.parametrize("fast", [True, False], ids=["msgspec", "standard library"])
_SPACES = st.text(" \t\n\r", max_size=2)


@pytest.fixture
def reader(monkeypatch, fast):
    """Read with the extra, or without."""
    if not fast:
        monkeypatch.setattr(parsing, "_fast", None)
    else:
        assert parsing._fast is not None


def _read(body, name="issues"):
    rest = {}
    return list(members_of(body, name, rest)), rest


def _text(data, space):
    """Write JSON with spaces wherever there may be some."""
    if isinstance(data, dict):
        pairs = (f"{space}{json.dumps(key)}{space}:{space}{_text(value, space)}{space}" for key, value in data.items())
        return f"{space}{{{','.join(pairs) or space}}}{space}"
    if isinstance(data, list):
        return f"[{','.join(f'{space}{_text(value, space)}{space}' for value in data) or space}]"
    return json.dumps(data)


@_READERS
def test_members_come_one_by_one_and_the_rest_besides(fast):
    """Whatever stands before and behind the list, and whatever its members are."""
    before = parsing._fast

    @given(st.dictionaries(st.text(max_size=4), _JSON, max_size=3), st.lists(_JSON, max_size=4), st.data(), _SPACES)
    def check(others, members, data, space):
        others.pop("issues", None)
        at = data.draw(st.integers(0, len(others)))
        pairs = list(others.items())
        whole = dict([*pairs[:at], ("issues", members), *pairs[at:]])
        assert _read(_text(whole, space).encode()) == (members, {**others, "issues": []})

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(parsing, "_fast", before if fast else None)
        check()


@_READERS
@pytest.mark.usefixtures("reader")
@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"[1]",
        b"1",
        b"{",
        b"<html>",
        b"\xff",
        b'{"issues"}',
        b'{"issues": [1, 2}',
        b'{"issues": [1, 2',
        b'{"issues": [1, 2]',
        b'{"issues": [1 2]}',
        b'{"issues": [1,]}',
        b'{"issues": [,1]}',
        b'{"issues": [1], }',
        b'{"issues": [1] "a": 1}',
        b'{"issues": [1]} x',
        b'{"issues": [{"a": 1]}',
        b'{"issues": [1], "a": }',
        b"{1: [1]}",
        b'{"a" 1, "issues": []}',
    ],
)
def test_what_is_no_object_is_an_error(body):
    """Wherever it is cut or spoilt, reading it to its end raises."""
    with pytest.raises(ValueError, match=r"."):
        _read(body)


@_READERS
@pytest.mark.usefixtures("reader")
def test_no_list_yields_nothing():
    """What stands there instead is with the rest."""
    assert _read(b'{"a": 1}') == ([], {"a": 1})
    assert _read(b'{"issues": {"a": 1}}') == ([], {"issues": {"a": 1}})
    assert _read(b'{"issues": null, "a": [1]}') == ([], {"issues": None, "a": [1]})


@_READERS
@pytest.mark.usefixtures("reader")
def test_what_msgspec_refuses_is_read():
    """Half a surrogate pair and numbers beyond all doubles, in a member or in the rest."""
    body = b'{"a": "half \\ud83d", "issues": ["half \\ud83d", 1e999], "b": 123456789012345678901234567890}'
    assert _read(body) == (
        ["half \ud83d", float("inf")],
        {"a": "half \ud83d", "issues": [], "b": 123456789012345678901234567890},
    )


@_READERS
@pytest.mark.usefixtures("reader")
def test_a_member_is_made_when_it_is_asked_for():
    """What comes behind it is not looked at before, where the standard library reads; nor is it kept."""
    members = members_of(b'{"issues": [{"a": 1}, {"b": 2}], "isLast": true}', "issues", {})
    assert next(members) == {"a": 1}
    assert list(members) == [{"b": 2}]
