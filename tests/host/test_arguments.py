from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vantage_jira_plugin.host.arguments import assignments, misfit, typed_value
from vantage_jira_plugin.host.errors import HostError

LIST = {"type": "array", "items": {"type": "string"}}
JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)


@pytest.mark.parametrize(
    ("text", "schema", "value"),
    [
        ("123", {"type": "string"}, "123"),
        ("true", {"type": "string"}, "true"),
        ('"quoted"', {"type": "string"}, '"quoted"'),
        ("null", {"type": ["string", "null"]}, None),
        ("plain", {"type": ["string", "null"]}, "plain"),
        ("5", {"type": "integer"}, 5),
        ("5", {"type": "number"}, 5),
        ("5.5", {"type": "integer"}, "5.5"),
        ("many", {"type": "integer"}, "many"),
        ("true", {"type": "boolean"}, True),
        ("a, b,,c", LIST, ["a", "b", "c"]),
        ('["a", "b"]', LIST, ["a", "b"]),
        ("2025", LIST, ["2025"]),
        ("1,2", {"type": "array", "items": {"type": "integer"}}, [1, 2]),
        ("a,b", {"type": ["string", "array"]}, "a,b"),
        ('["a"]', {"type": ["string", "array"]}, ["a"]),
        ('["a"]', {"anyOf": [{"type": "string"}, LIST]}, ["a"]),
        ('{"a": 1}', {"type": "object"}, {"a": 1}),
        ("{a}", {"type": "object"}, "{a}"),
        ("7", {"enum": ["7", "8"]}, "7"),
        ("7", {}, 7),
        ('"7"', {}, "7"),
        ("seven", {}, "seven"),
        ("NaN", {}, "NaN"),
        ("", {"type": "string"}, ""),
        ("", LIST, []),
    ],
)
def test_the_schema_decides_what_a_text_stands_for(text, schema, value):
    """Texts stay texts where the schema has text; other types are read as JSON."""
    result = typed_value(text, schema)
    assert result == value
    assert type(result) is type(value)


@given(st.text())
def test_a_text_input_gets_exactly_what_was_typed(text):
    """No text is ever changed on its way into a text input."""
    assert typed_value(text, {"type": "string"}) == text


@given(JSON_VALUES)
def test_an_input_of_any_type_takes_any_json(value):
    """Without a type, JSON means what it says."""
    assert typed_value(json.dumps(value), {}) == value


def test_the_value_may_hold_further_equal_signs():
    """Only the first `=` divides name and value."""
    schema = {"properties": {"jql": {"type": "string"}}}
    assert assignments(["jql=project = DEV"], schema) == {"jql": "project = DEV"}


@pytest.mark.parametrize("texts", [["nothing"], ["=x"], ["a=1", "a=2"]])
def test_malformed_assignments_are_wrong_use(texts):
    """A missing name and a repeated one are refused."""
    with pytest.raises(HostError):
        assignments(texts, {})


@pytest.mark.parametrize(
    ("value", "schema", "text"),
    [
        (True, {"type": "boolean"}, None),
        ("yes", {"type": "boolean"}, "must be true or false"),
        ("x", {"type": ["integer", "null"]}, "must be integer or null"),
        (None, {"type": ["integer", "null"]}, None),
        (5, {"type": "number"}, None),
        ("b", {"enum": ["a", "c"]}, "must be one of a, c"),
        ({}, {}, None),
    ],
)
def test_what_a_schema_forbids_is_told(value, schema, text):
    """Types and lists of values are checked; the rest is the plugin's."""
    assert misfit(value, schema) == text
