from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vantage_jira_plugin.host.yamltext import dump_yaml, load_yaml

TEXT = st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc", "Cn", "Co")))
DATA = st.recursive(
    st.none() | st.booleans() | st.integers() | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=8,
)


@given(DATA)
def test_data_comes_back_as_it_was(data):
    """What is dumped is loaded as the same data."""
    assert load_yaml(dump_yaml(data)) == data


@pytest.mark.parametrize("text", ["0E0", "1e3", ".5", "1.", "12:30", "no", "true", "2026-01-31", "0x1F"])
def test_text_that_looks_like_something_else_stays_text(text):
    """As a value and as a key, however this loader or an older one would read it without quotes."""
    assert load_yaml(dump_yaml({text: text})) == {text: text}
    assert f"'{text}'" in dump_yaml(text)


def test_dates_stay_text_and_order_is_kept():
    """YAML's dates are JSON's text, and so is every word but true and false; keys keep their order."""
    assert load_yaml("z: 2026-01-31\nno: [on, true]") == {"z": "2026-01-31", "no": ["on", True]}
    part = ["x"]
    assert dump_yaml({"a": part, "b": part}) == "a:\n- x\nb:\n- x\n"
    assert dump_yaml({"z": 1, "a": 2}) == "z: 1\na: 2\n"


#: Nine levels of aliases: a few lines that would be a billion strings.
_BOMB = "\n".join(["a0: &a0 x", *[f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 10)]])


@pytest.mark.parametrize(
    ("text", "value"),
    [("0123", "0123"), ("12:30", "12:30"), ("1_000", "1_000"), ("0x1F", "0x1F"), ("12", 12), ("-7", -7), ("0", 0),
     ("1.5", 1.5), ("1e3", 1000.0), (".5", 0.5), ("1.", 1.0), ("1.2.3", "1.2.3"), ("null", None), ("~", None)],
)  # fmt: skip
def test_numbers_are_yaml_1_2s(text, value):
    """A build number with a leading zero and a time of day stay text."""
    assert load_yaml(f"a: {text}") == {"a": value}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a: 1\nb: 2\na: 3", "line 3: the key 'a' comes twice"),
        ("a: [1", "line 1"),
        ("a: !!python/object:os.system x", "is no type of JSON"),
        ("a: !!binary aGk=", "line 1: binary is no type of JSON"),
        (_BOMB, "more than 100000 parts"),
        ("a: &a [*a]", "more than 100000 parts"),
        ("? [a]\n: 1", "unhashable"),
        ("\x00", "special characters"),
    ],
)
def test_what_is_no_plain_data_is_refused_with_its_line(text, words):
    """Repeated keys, broken YAML and objects are refused as ValueError."""
    with pytest.raises(ValueError, match=words):
        load_yaml(text)
