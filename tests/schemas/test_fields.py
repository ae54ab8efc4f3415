from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.reading.strategies import json_values
from tests.schemas.exampleschema import GIVEN, Example
from vantage_jira_plugin.schemas import UNCHANGED, json_schema, load, nearest

_NAMES = list(json_schema(Example)["properties"])


def _load(**values):
    loaded, errors = load(Example, GIVEN | values)
    assert not (loaded and errors)
    return loaded, errors


def _loaded(name, **values):
    loaded, errors = _load(**values)
    assert errors == {}
    return loaded[name]


def _error(**values):
    """Return the texts about the one wrong field."""
    loaded, errors = _load(**values)
    assert loaded == {}
    assert list(errors) == list(values)
    return next(iter(errors.values()))


# ---- the whole ------------------------------------------------------------------------------


def test_what_is_not_given_has_its_default():
    """Names inside are Python's, and defaults are those of the declaration."""
    assert _load()[0] == {
        "key": "DEV",
        "title": "Crash",
        "note": None,
        "word": None,
        "code": None,
        "day": None,
        "count": 10,
        "wait": None,
        "wait_null": None,
        "flag": False,
        "names": ("a", "b"),
        "keys": None,
        "clear": UNCHANGED,
        "change": UNCHANGED,
        "clear_list": UNCHANGED,
        "change_list": UNCHANGED,
    }


def test_every_wrong_field_is_told_at_once():
    """Missing, wrong and unknown fields together, by the names outside, without their values."""
    loaded, errors = load(
        Example, {"title": "canary-value-1", "maxRows": "canary-2", "readOnly": "canary-3", "tittle": 1}
    )
    assert loaded == {}
    assert errors == {
        "tittle": ["is unknown; did you mean title?"],
        "projectKey": ["is missing"],
        "title": ["must not be longer than 8 characters; it has 14"],
        "maxRows": ["must be a whole number, not text"],
        "readOnly": ["must be true or false, not text"],
    }
    assert "canary" not in str(errors)


def test_python_names_are_not_names_outside():
    """A field is known by its name outside only."""
    assert _error(count=5) == [f"is unknown; {nearest('count', _NAMES)}"]


def test_a_name_that_is_no_text_is_unknown():
    """Mappings from Python may have any keys."""
    loaded, errors = load(Example, {**GIVEN, 7: 1, None: 2})
    assert loaded == {}
    assert list(errors) == ["7", "None"]


@pytest.mark.parametrize("value", ["", " ", "\n\t"])
@pytest.mark.parametrize("name", [name for name in _NAMES if name not in GIVEN])
def test_an_empty_text_counts_as_not_given(name, value):
    """It is what forms send for a field that nobody filled in; the default holds."""
    assert _load(**{name: value}) == _load()


@pytest.mark.parametrize("name", ["note", "day", "maxRows", "wait", "wait_null", "readOnly", "names", "keys"])
def test_null_counts_as_not_given_where_it_means_nothing(name):
    """Hosts send null for what has no value; the default holds, apart from null as the default."""
    assert _load(**{name: None}) == _load()


def test_null_clears_where_clearing_is_possible():
    """Leaving out and null mean different things in an edit."""
    assert _loaded("clear", clear=None) is None
    assert _loaded("clear_list", clear_list=None) is None
    assert _loaded("clear", clear="new") == "new"


@pytest.mark.parametrize("name", ["change", "change_list", "title", "projectKey"])
def test_null_is_refused_where_there_is_no_nothing(name):
    """A value that always exists cannot be cleared, and a required one is not given by null."""
    assert _error(**{name: None}) == ["must not be null"]


def test_unchanged_is_no_value():
    """It is false, unlike any text, and there is one of it."""
    assert not UNCHANGED
    assert UNCHANGED != ""
    assert _loaded("change") is UNCHANGED


@given(st.dictionaries(st.sampled_from([*_NAMES, "other"]) | st.text(max_size=3), json_values()))
def test_any_values_load_or_are_told_by_field(values):
    """Nothing raises, and every text about a field is a sentence part without line breaks."""
    loaded, errors = load(Example, values)
    assert bool(loaded) is not bool(errors)
    for texts in errors.values():
        assert texts
        assert all(isinstance(text, str) and text and "\n" not in text for text in texts)


# ---- texts ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "what"),
    [
        (1, "a number"),
        (1.5, "a number"),
        (True, "true or false"),
        ([], "a list"),
        ({}, "an object"),
        (b"x", "a bytes"),
        (("a",), "a tuple"),
    ],
)
def test_a_text_of_another_type_is_refused(value, what):
    """Types are named as people name them, and nothing is turned into text."""
    for name in ("title", "note", "day", "clear"):
        assert _error(**{name: value}) == [f"must be text, not {what}"]


@pytest.mark.parametrize(
    ("name", "value", "text"),
    [
        ("title", "", "must not be empty"),
        ("title", "  ", "must not be empty"),
        ("title", "x" * 9, "must not be longer than 8 characters; it has 9"),
        ("title", "a\nb", "must be one line"),
        ("title", "a\rb", "must be one line"),
        ("title", "a\x00b", "must not contain control characters"),
        ("title", "a\x1bb", "must not contain control characters"),
        ("title", "a\x7fb", "must not contain control characters"),
        ("title", "a\ud800b", "must not contain control characters"),
        ("note", "a\udfff\n", "must not contain control characters"),
        ("note", "x" * 21, "must not be longer than 20 characters; it has 21"),
        ("word", "two wrd", "must be one word"),
        ("code", "ab", "must have at least 3 characters; it has 2"),
        ("projectKey", "1DEV", "must be a key such as DEV"),
        ("projectKey", "DE-V", "must be a key such as DEV"),
        ("projectKey", "DEV\nOPS", "must be one line"),
        ("day", "2026-1-31", "must be a date such as 2026-01-31"),
        ("day", "31.01.2026", "must be a date such as 2026-01-31"),
        ("day", "20260131", "must be a date such as 2026-01-31"),
        ("day", "2026-02-30", "must be a day of the calendar"),
        ("day", "0000-01-01", "must be a day of the calendar"),
        ("day", "2026-01-31T00:00", "must not be longer than 10 characters; it has 16"),
    ],
)
def test_a_wrong_text_is_told_what_would_be_right(name, value, text):
    """Each reason has words of its own."""
    assert _error(**{name: value}) == [text]


@pytest.mark.parametrize(
    ("name", "value", "loaded"),
    [
        ("title", "  Crash ", "Crash"),
        ("title", "   12345678   ", "12345678"),
        ("title", "é 😀 ß", "é 😀 ß"),
        ("title", "a\tb", "a\tb"),
        ("note", "  one\r\n\ttwo\n", "  one\r\n\ttwo\n"),
        ("word", "x" * 8, "x" * 8),
        ("day", " 2026-01-31 ", "2026-01-31"),
        ("day", "2024-02-29", "2024-02-29"),
    ],
)
def test_a_right_text_is_kept(name, value, loaded):
    """One-line texts lose the blanks around them; texts of several lines stay as they are."""
    assert _loaded(name, **{name: value}) == loaded


def test_small_letters_are_taken_for_capitals():
    """Where keys are meant, and before the pattern is looked at."""
    assert _loaded("key", projectKey=" dev_1 ") == "DEV_1"
    assert _loaded("keys", keys="dev, Ops") == ["DEV", "OPS"]


# ---- numbers --------------------------------------------------------------------------------


@pytest.mark.parametrize(("value", "loaded"), [(1, 1), (100, 100), ("7", 7), (" 7 ", 7), ("007", 7), (5.0, 5)])
def test_a_whole_number_may_come_as_text(value, loaded):
    """Forms send text, and JSON of some languages has no whole numbers."""
    count = _loaded("count", maxRows=value)
    assert (count, type(count)) == (loaded, int)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "must be between 1 and 100"),
        (101, "must be between 1 and 100"),
        (10**400, "must be between 1 and 100"),
        ("0", "must be between 1 and 100"),
        ("-5", "must be a whole number, not text"),
        ("1e1", "must be a whole number, not text"),
        ("9" * 5000, "must be a whole number, not text"),
        (True, "must be a whole number, not true or false"),
        ([5], "must be a whole number, not a list"),
    ],
)
def test_a_wrong_whole_number_is_refused(value, text):
    """True is no 1, and nothing is rounded or cut."""
    assert _error(maxRows=value) == [text]


@pytest.mark.parametrize("value", [1.5, float("nan"), float("inf")])
def test_a_fraction_is_no_whole_number(value):
    """Neither is what is no number at all."""
    (text,) = _error(maxRows=value)
    assert text.startswith("must be a whole number")


@pytest.mark.parametrize("value", [0, 0.5, 5, 3600, 3600.0])
def test_a_number_is_a_float(value):
    """Both kinds of JSON numbers, the bounds included."""
    wait = _loaded("wait", wait=value)
    assert (wait, type(wait)) == (value, float)


@pytest.mark.parametrize(
    "value", [-0.1, 3600.5, 10**400, -(10**400), float("inf"), float("-inf"), float("nan")], ids=range(7)
)
def test_a_number_out_of_bounds_is_refused(value):
    """What is no finite number is in no bounds either."""
    assert _error(wait=value) == ["must be between 0 and 3600"]


@pytest.mark.parametrize("value", [True, "5", [5], {}])
def test_another_type_is_no_number(value):
    """Neither text nor true."""
    (text,) = _error(wait=value)
    assert text.startswith("must be a number, not ")


# ---- flags and lists ------------------------------------------------------------------------


def test_a_flag_is_true_or_false():
    """Nothing else is taken for either."""
    assert _loaded("flag", readOnly=True) is True
    assert _loaded("flag", readOnly=False) is False
    for value in ("true", "no", 1, 0, [], {}):
        (text,) = _error(readOnly=value)
        assert text.startswith("must be true or false, not ")


@pytest.mark.parametrize(
    ("name", "value", "loaded"),
    [
        ("names", [], []),
        ("names", ["b", "a", "b"], ["b", "a"]),
        ("names", (" a ",), ["a"]),
        ("keys", "DEV", ["DEV"]),
        ("keys", " dev , ,ops,DEV,", ["DEV", "OPS"]),
        ("keys", ",", []),
        ("keys", ["dev"], ["DEV"]),
    ],
)
def test_a_list_keeps_its_order_without_duplicates(name, value, loaded):
    """Where it may, one text with commas is a list."""
    assert _loaded(name, **{name: value}) == loaded


@pytest.mark.parametrize(
    ("name", "value", "texts"),
    [
        ("names", "a,b", ["must be a list of texts, not text"]),
        ("names", 5, ["must be a list of texts, not a number"]),
        ("keys", {}, ["must be a list of texts or a text with commas, not an object"]),
        ("names", list("abcd"), ["must not have more than 3 entries; it has 4"]),
        ("keys", "A,B,C,D", ["must not have more than 3 entries; it has 4"]),
        (
            "names",
            ["a", None, "too long"],
            ["entry 2: must be text, not null", "entry 3: must not be longer than 5 characters; it has 8"],
        ),
        ("names", ["", "a"], ["entry 1: must not be empty"]),
        ("names", [["a"]], ["entry 1: must be text, not a list"]),
        ("keys", "DEV, 1", ["entry 2: must be a key such as DEV"]),
    ],
)
def test_a_wrong_list_names_its_entries(name, value, texts):
    """Every wrong entry is told by its place."""
    assert _error(**{name: value}) == texts


# ---- nearest --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("clientID", "did you mean clientId?"),
        ("client_id", "did you mean clientId?"),
        ("READONLY", "did you mean readOnly?"),
        ("retry-after", "did you mean retryAfter?"),
        ("zzz", "known are: clientId, readOnly, retryAfter"),
        ("", "known are: clientId, readOnly, retryAfter"),
        (7, "known are: clientId, readOnly, retryAfter"),
    ],
)
def test_the_nearest_name_is_hinted_at(name, hint):
    """Case and separators do not hide a name; where nothing is near, all are listed."""
    assert nearest(name, {"retryAfter", "clientId", "readOnly"}) == hint


@given(st.text(max_size=30), st.sets(st.text(max_size=10), max_size=4))
def test_a_hint_names_something_known(name, known):
    """The hint is made of known names only."""
    hint = nearest(name, known)
    listed = hint.removeprefix("did you mean ").removesuffix("?") if hint.startswith("did you mean") else None
    assert hint == f"known are: {', '.join(sorted(known))}" if listed is None else listed in known
