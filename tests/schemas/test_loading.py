from __future__ import annotations

import re

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from marshmallow import Schema

from tests.reading.strategies import json_values
from tests.schemas.exampleschema import GIVEN, Example
from vantage_jira_plugin.schemas import Flag, json_schema, load

_SCHEMA = json_schema(Example)
_VALIDATOR = Draft202012Validator(_SCHEMA)


def _errors(**values):
    return load(Example, GIVEN | values)[1]


def test_the_json_schema_is_valid_and_says_what_is_declared():
    """Bounds, titles, examples and defaults are there; nothing else of the metadata is."""
    Draft202012Validator.check_schema(_SCHEMA)
    properties = _SCHEMA["properties"]
    assert _SCHEMA["required"] == ["projectKey", "title"]
    assert properties["title"]["title"] == "Title"
    assert properties["title"]["description"] == "What it is."
    assert "x" not in properties["title"]
    assert properties["maxRows"]["examples"] == [5]
    assert properties["maxRows"]["default"] == 10
    assert properties["names"]["default"] == ["a", "b"]
    assert properties["readOnly"]["default"] is False
    for name in ("note", "clear", "change", "wait", "title"):
        assert "default" not in properties[name]


def test_a_schema_without_required_fields_requires_none():
    """The key is left out, as older validators want it."""
    assert "required" not in json_schema(Schema.from_dict({"flag": Flag()}))


@pytest.mark.parametrize("name", _SCHEMA["properties"])
def test_null_is_allowed_where_it_loads(name):
    """A form may send null exactly where the plugin takes it."""
    assert _VALIDATOR.is_valid(GIVEN | {name: None}) is (not _errors(**{name: None}))


@pytest.mark.parametrize("name", ["note", "word", "clear", "change", "title", "projectKey"])
def test_an_empty_text_is_allowed_where_it_loads(name):
    """Forms send it for optional fields."""
    assert _VALIDATOR.is_valid(GIVEN | {name: ""}) is (not _errors(**{name: ""}))


#: What JSON Schema cannot say in one pattern that people read: control characters, line breaks, calendar days,
#: commas, and that blanks around a text do not count.
_NOT_SAID = re.compile(r"[\x00-\x1f\x7f\x85\u2028\u2029\ud800-\udfff]")
_plain = st.text(alphabet=st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"]), max_size=12) | st.sampled_from(
    ["DEV", "dev", "OPS_1", "a b", " DEV", "DEV ", " ", ""]
)
_values = {
    "projectKey": _plain,
    "title": _plain,
    "note": _plain,
    "word": _plain,
    "clear": _plain,
    "change": _plain,
    "maxRows": st.integers(min_value=-5, max_value=200) | st.floats(),
    "wait": st.integers() | st.floats(),
    "readOnly": st.booleans(),
    "names": st.lists(_plain | st.none(), max_size=5),
    "keys": st.lists(_plain, max_size=5),
    "clear_list": st.lists(_plain, max_size=5),
    "change_list": st.lists(_plain, max_size=5),
}


def _any_of(name):
    return st.tuples(st.just(name), _values[name] | st.none() | st.booleans() | st.integers() | _plain | json_values())


@given(st.sampled_from(sorted(_values)).flatmap(_any_of))
def test_what_the_json_schema_accepts_loads(named):
    """A host that checks with the schema sends nothing that is refused."""
    name, value = named
    assume(not _NOT_SAID.search(str(value)))
    assume("nan" not in repr(value))  # which is no JSON
    assume(not (name == "keys" and isinstance(value, str)))
    if _VALIDATOR.is_valid(GIVEN | {name: value}):
        assert _errors(**{name: value}) == {}


@given(st.sampled_from(sorted(_values)).flatmap(_any_of))
def test_what_loads_is_accepted_by_the_json_schema(named):
    """The schema refuses only what is forgiven: blanks around texts, letters that grow, numbers as text."""
    name, value = named
    texts = [value] if isinstance(value, str) else value if isinstance(value, list) else []
    assume(all(not isinstance(text, str) or text.strip() == text for text in texts))
    assume(
        not (isinstance(value, str) and name not in {"projectKey", "title", "note", "word", "clear", "change", "keys"})
    )
    assume(name not in {"projectKey", "keys"} or str(value).isascii())
    if not _errors(**{name: value}):
        assert _VALIDATOR.is_valid(GIVEN | {name: value})
