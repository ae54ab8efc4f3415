"""States as text."""

from __future__ import annotations

import base64
import json
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vantage_jira_plugin.errors import InputError
from vantage_jira_plugin.syncing import state as module
from vantage_jira_plugin.syncing.roster import Roster
from vantage_jira_plugin.syncing.state import Census, Owner, State
from vantage_jira_plugin.syncing.window import Chain

_ROSTER = Roster().changed({10_001: "DEV-1", 10_002: "OPS-7"}, ())
_STATE = State(
    Owner.of("cloud", "project = DEV", ("summary",)),
    columns=(("id", "string"), ("Ä", "list")),
    allowed="0123",
    roster=_ROSTER,
    delivered={7: 1_800_000_000_001, 3: 5},
    mark_ms=1_800_000_000_002,
    chain=Chain("changes", 9, 8, "token", 7, 6, ordered=False),
    census=Census(1.5, "t", _ROSTER, counted=True),
    counted_at=3.25,
    unsettled="deletions_unconfirmed",
)


def _plain(state):
    return state.to_text(), state.delivered, state.chain, state.columns, [*state.roster.ids], state.unsettled


def _forged(data):
    """Return the text of some data as one who knows how texts are made would."""
    body = zlib.compress(data if isinstance(data, bytes) else json.dumps(data).encode())
    return module._PREFIX + base64.urlsafe_b64encode(module._checksum(body) + body).decode()


def _data(state=_STATE):
    raw = base64.urlsafe_b64decode(state.to_text().removeprefix("sync1."))
    return json.loads(zlib.decompress(raw[8:]))


@pytest.mark.parametrize("state", [_STATE, State(Owner("a", "b", "c"))], ids=["full", "empty"])
def test_a_state_comes_back(state):
    """A state is the same when its text is read."""
    assert _plain(State.from_text(state.to_text())) == _plain(state)


def test_it_tells_no_query_site_or_field():
    """Neither the query nor the site is in the text, even unfolded."""
    text = json.dumps(_data(State(Owner.of("cloud-id", "project = SECRET", ("summary",)))))
    assert "SECRET" not in text
    assert "cloud-id" not in text


def test_each_change_of_the_owner_counts():
    """Site, query and fields each make another owner, the order of the fields too."""
    owners = {
        Owner.of("a", "b", ("c", "d")),
        Owner.of("x", "b", ("c", "d")),
        Owner.of("a", "x", ("c", "d")),
        Owner.of("a", "b", ("d", "c")),
        Owner.of("a", "b", ("c,d",)),
    }
    assert len(owners) == 5


@given(st.data())
def test_a_changed_letter_is_refused(data):
    """No single letter of a state can be changed unnoticed."""
    text = _STATE.to_text().rstrip("=")
    place = data.draw(st.integers(0, len(text) - 2))  # the last letter has bits that mean nothing
    letter = data.draw(st.sampled_from("ABCabc019-_").filter(lambda other: other != text[place]))
    with pytest.raises(InputError) as caught:
        State.from_text(text[:place] + letter + text[place + 1 :] + "=" * (-(len(text) - len("sync1.")) % 4))
    assert list(caught.value.errors) == ["state"]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x",
        "sync1.",
        "sync2.AAAA",
        "sync1.AAAA",
        "sync1.Ä",
        "sync1.####",
        _STATE.to_text()[:-9],
        _forged(b"\xff"),
        _forged(b"[" * 99_999),
    ],
    ids=range(10),
)
def test_what_is_no_state_is_refused(text):
    """Any other text is an InputError that names `state`."""
    with pytest.raises(InputError) as caught:
        State.from_text(text)
    assert list(caught.value.errors) == ["state"]


@pytest.mark.parametrize("name", sorted(_data()))
@pytest.mark.parametrize("value", [1j, "x", -1.5, [], {}, ["x"], [[]], [None] * 7, [1, 2, 3, 4, 5, 6, 7]], ids=repr)
def test_a_forged_state_is_refused_or_a_state(name, value):
    """A state that somebody made up is refused as an input, or read as one; it breaks nothing."""
    data = _data()
    if value == 1j:
        del data[name]
    else:
        data[name] = value
    try:
        State.from_text(_forged(data)).to_text()
    except InputError as error:
        assert list(error.errors) == ["state"]
