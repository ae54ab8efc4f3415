from __future__ import annotations

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vantage_jira_plugin.host.literals import UNKNOWN, literal_problems


@pytest.mark.parametrize(
    ("value", "schema", "problems"),
    [
        ("abc", {"type": "string", "maxLength": 2}, ["must have at most 2 characters, not 3"]),
        ("", {"type": "string", "minLength": 1}, ["must have at least 1 characters, not 0"]),
        ("a b", {"type": "string", "pattern": "^[a-z]+$"}, ["must match ^[a-z]+$, unlike 'a b'"]),
        ("a", {"type": "string", "pattern": "(?<no"}, []),
        (5, {"type": ["string", "null"]}, ["must be string or null, not integer"]),
        (True, {"type": "integer"}, ["must be integer, not boolean"]),
        (1.5, {"type": "integer"}, ["must be integer, not number"]),
        (2.0, {"type": "integer"}, []),
        (2, {"type": "number"}, []),
        (0, {"type": "integer", "minimum": 1, "maximum": 5}, ["must be at least 1, not 0"]),
        (6, {"type": "integer", "minimum": 1, "maximum": 5}, ["must be at most 5, not 6"]),
        ("6", {"type": "integer", "maximum": 5}, ["must be at most 5, not 6"]),
        ("5", {"type": "integer", "maximum": 5}, []),
        ("", {"type": ["integer", "null"]}, []),
        ("", {"type": "integer"}, ["must be integer, not string"]),
        ("c", {"enum": ["a", "b"]}, ["must be one of 'a', 'b', not 'c'"]),
        (True, {"enum": [1]}, ["must be one of 1, not True"]),
        ([1], {"type": "array", "items": {"type": "string"}}, ["item 1 must be string, not integer"]),
        (["a", "b"], {"type": "array", "maxItems": 1}, ["must have at most 1 items, not 2"]),
        (
            5,
            {"anyOf": [{"type": "string"}, {"type": "null"}]},
            ["must be string, not integer or must be null, not integer"],
        ),
        (None, {"anyOf": [{"type": "string"}, {"type": "null"}]}, []),
        (UNKNOWN, {"type": "string"}, []),
        ([UNKNOWN, 5], {"type": "array", "items": {"type": "string"}}, ["item 2 must be string, not integer"]),
        ([UNKNOWN], {"enum": [["a"]]}, []),
        ({"a": UNKNOWN}, {"type": "string"}, ["must be string, not object"]),
        ({"a": 1}, {}, []),
    ],
)
def test_what_is_wrong_with_a_literal(value, schema, problems):
    """Each broken rule is said with what was given; what only the run knows is not judged."""
    assert list(literal_problems(value, schema)) == problems


TYPES = ["string", "integer", "number", "boolean", "null", "array"]
SCHEMAS = st.fixed_dictionaries(
    {"type": st.lists(st.sampled_from(TYPES), min_size=1, unique=True)},
    optional={
        "minLength": st.integers(0, 3),
        "maxLength": st.integers(0, 3),
        "minimum": st.integers(-2, 2),
        "maximum": st.integers(-2, 2),
        "maxItems": st.integers(0, 2),
        "items": st.fixed_dictionaries({"type": st.sampled_from(TYPES)}),
        "enum": st.lists(st.none() | st.booleans() | st.integers(-1, 1) | st.text("ab", max_size=2), min_size=1),
    },
)
SCALARS = st.none() | st.booleans() | st.integers(-3, 3) | st.sampled_from([0.5, 1.0]) | st.text("ab", max_size=4)


@given(SCALARS | st.lists(SCALARS, max_size=3), SCHEMAS)
def test_the_judgement_is_json_schemas(value, schema):
    """A value is refused exactly where JSON Schema refuses it, but for empty texts, which stand for nothing."""
    texts = [one for one in (value if isinstance(value, list) else [value]) if isinstance(one, str)]
    if not all(texts):
        return
    valid = jsonschema.Draft202012Validator(schema).is_valid(value)
    assert (not list(literal_problems(value, schema))) == valid
