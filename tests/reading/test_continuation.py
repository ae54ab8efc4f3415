from __future__ import annotations

import base64
import json
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.reading.fakejira import MINUTE
from tests.reading.strategies import json_values
from vantage_jira_plugin.errors import InputError
from vantage_jira_plugin.reading.continuation import Continuation
from vantage_jira_plugin.reading.slices import Slice


def _encoded(data):
    return "created." + base64.urlsafe_b64encode(json.dumps(data).encode()).decode()


def test_no_text_is_the_beginning():
    """Nothing is left out, and no direction is known."""
    begin = Continuation.of(None)
    assert begin == Continuation()
    assert (begin.newest_first, begin.minute) == (None, None)


@pytest.mark.parametrize("text", ["CAEaAggD", "", "created", "Created.eyJ9"])
def test_a_token_of_jiras_stays_what_it_is(text):
    """Whatever does not begin as a text of our own is Jira's, and handed on."""
    assert Continuation.of(text) == Continuation(token=text)


@given(
    st.integers(-(1 << 20), 1 << 30),
    st.booleans(),
    st.lists(st.integers(0, 10**9).map(str), max_size=200),
)
def test_a_text_says_all(minute, newest_first, known):
    """What is written is what is read."""
    part = Slice(None, minute + 1) if newest_first else Slice(minute, None)
    begin = Continuation(part, tuple(known))
    assert Continuation.of(begin.text) == begin
    assert (begin.newest_first, begin.minute) == (newest_first, minute)


@pytest.mark.parametrize(
    "text",
    [
        "created.",
        "created.!!",
        "created.é",
        "created.bm9uc2Vuc2U=",
        "created." + base64.urlsafe_b64encode(b"[" * 100_000).decode(),
        _encoded([]),
        _encoded({"low": None, "high": None}),
        _encoded({"low": "x", "high": None, "known": []}),
        _encoded({"low": 1 << 50, "high": None, "known": []}),
        _encoded({"low": 1.5, "high": None, "known": []}),
        _encoded({"low": 1, "high": None, "known": ['1" OR project = SECRET']}),
        _encoded({"low": 1, "high": None, "known": {}}),
    ],
)
def test_what_only_looks_like_one_is_refused(text):
    """By its name as an input, and without a word of what was in it."""
    with pytest.raises(InputError, match="nextPageToken must be") as caught:
        Continuation.of(text)
    assert list(caught.value.errors) == ["nextPageToken"]
    assert "SECRET" not in str(caught.value)


@given(st.text(max_size=60), json_values("low", "high", "known"))
def test_any_text_is_one_or_refused(text, data):
    """Nothing else can come of it."""
    for whole in (text, "created." + text, _encoded(data)):
        try:
            begin = Continuation.of(whole)
        except InputError:
            continue
        assert begin.token == whole or Continuation.of(begin.text) == begin


def test_too_many_issues_in_one_minute_give_no_text():
    """It would be longer than a caller keeps; and ids that are no numbers are not Jira's."""
    read = [(MINUTE, str(number)) for number in range(10_000, 13_000)]
    assert Continuation().after(read, newest_first=True) is None
    assert Continuation().after(read[:100], newest_first=True) is not None
    assert Continuation().after([(MINUTE, "x")], newest_first=True) is None


def test_an_issue_without_a_time_gives_no_text():
    """Nothing tells where it stands."""
    assert Continuation().after([(MINUTE, "1"), (None, "2")], newest_first=True) is None


def test_where_nothing_was_read_it_is_still_where_it_was():
    """A call that was cut before its first row leads to the same place; at the beginning there is no text."""
    begin = Continuation(Slice(None, MINUTE + 1), ("1",))
    assert begin.after([], newest_first=True) == begin.text
    assert Continuation().after([], newest_first=True) is None


@given(st.integers(0, 1 << 30), st.booleans(), st.integers(1, 6))
def test_calls_of_any_size_read_each_issue_once(seed, newest_first, minutes):
    """However many issues share a minute, and wherever calls end: each once, in order, none left out."""
    chance = random.Random(seed)  # noqa: S311 - test data
    history = [(MINUTE + chance.randrange(minutes), str(number)) for number in range(chance.randrange(60))]
    history.sort(key=lambda one: (-one[0] if newest_first else one[0], int(one[1])))
    read, text = [], None
    for _ in range(500):  # calls, of up to nine issues each
        begin = Continuation.of(text)
        low, high = begin.part.low, begin.part.high
        found = [
            (minute, number)
            for minute, number in history
            if (low is None or minute >= low) and (high is None or minute < high) and number not in begin.known
        ]
        page = found[: chance.randint(0, 9)]
        read += page
        if len(page) == len(found):
            break
        text = begin.after(page, newest_first=newest_first)
        assert (text is None) is (page == [] and begin == Continuation())
    assert read == history
