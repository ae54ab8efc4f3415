from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vantage_jira_plugin.host.expressions import ExpressionError, is_false, parse_template

SCOPE = {
    "inputs": {"project": "DEV", "none": None, "number": 5, "flag": True, "text": "a}b"},
    "steps": {"report": {"data": [{"name": "one", "ok": True}, {"name": "two", "ok": False}]}},
}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("plain", "plain"),
        ("", ""),
        ("${inputs.number}", 5),
        ("${inputs.none}", None),
        ("${ steps.report.data[0] }", {"name": "one", "ok": True}),
        ("${steps.report.data[?ok].name}", ["one"]),
        ("no. ${inputs.number}: ${inputs.flag}", "no. 5: true"),
        ("${inputs.project}-${inputs.number}", "DEV-5"),
        ("all: ${steps.report.data[].name}", 'all: ["one", "two"]'),
        ("$${inputs.project} $5 $", "${inputs.project} $5 $"),
        ("${inputs.none || '}'}", "}"),
        ("${steps.report.data[].{n: name}}", [{"n": "one"}, {"n": "two"}]),
        ('${`{"a": "}"}`.a}', "}"),
        (r"${inputs.none || 'it\'s }'}!", "it's }!"),
    ],
)
def test_expressions_are_filled_in(text, value):
    """A single expression keeps its type; inside a text it becomes text."""
    assert parse_template(text).evaluate(SCOPE) == value


@given(st.text(alphabet="${}ab. ") | st.text())
def test_any_text_is_a_template_or_an_expression_error(text):
    """No text brings another error, and one without expressions means itself."""
    try:
        template = parse_template(text)
    except ExpressionError:
        assert "${" in text
    else:
        if "${" not in text:
            assert template.evaluate({}) == text


@given(st.text(alphabet="${}ab. ") | st.text())
def test_a_template_shows_as_it_was_written(text):
    """What is shown of a template reads as the same template again."""
    try:
        template = parse_template(text)
    except ExpressionError:
        return
    assert parse_template(str(template)) == template


@given(st.text())
def test_escaped_text_means_itself(text):
    """Any text can be written by doubling the dollar before each brace."""
    plain = text.replace("$", "")
    assert parse_template(plain.replace("{", "$${")).evaluate({}) == plain.replace("{", "${")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("${", "no closing brace"),
        ("a ${inputs.x", "no closing brace"),
        ("${}", "cannot be read"),
        ("${inputs.}", "cannot be read"),
        ("${inputs.[}", r"^\$\{inputs\.\[\} cannot be read: it ends too early$"),
        ("${inputs.}", "cannot be read: it ends too early$"),
        ("${}", "cannot be read: it is empty$"),
        ("${a b}", "cannot be read: 'b' is not expected there$"),
        ("${inputs.a &}", "cannot be read: .+$"),
        ("${inputs.#}", "cannot be read: .+ at '#'$"),
        ("${shout(inputs.x)}", r"calls shout\(\), which does not exist"),
        ("${inputs[?shout(@)]}", "shout"),
    ],
)
def test_bad_expressions_are_found_before_anything_runs(text, words):
    """Reading a template finds unclosed, unreadable and unknown parts."""
    with pytest.raises(ExpressionError, match=words):
        parse_template(text)


@pytest.mark.parametrize("text", ["x ${inputs.none}", "${inputs.nothing} x", "${length(inputs.number)}"])
def test_an_expression_without_a_value_is_an_error_in_a_text(text):
    """A missing value never becomes the word "None", nor a wrong type a crash."""
    with pytest.raises(ExpressionError, match="has no value"):
        parse_template(text).evaluate(SCOPE)


@pytest.mark.parametrize(
    ("text", "roots"),
    [
        ("inputs.a", [("inputs", "a")]),
        ("steps.bug.data[0].key.more", [("steps", "bug", "data")]),
        ("steps.bug.data[?outcome=='failed' && x].name", [("steps", "bug", "data")]),
        ("length(steps.a.data) > inputs.n", [("steps", "a", "data"), ("inputs", "n")]),
        ("inputs.a | b.c", [("inputs", "a")]),
        ("[inputs.a, item.b]", [("inputs", "a"), ("item", "b")]),
        ("{x: inputs.a}", [("inputs", "a")]),
        ("sort_by(steps.a.data, &name)[0]", [("steps", "a", "data")]),
        ("steps.a.data[].labels[]", [("steps", "a", "data")]),
        ("steps.*.data", [("steps",)]),
        ("!(inputs.a) || 'x'", [("inputs", "a")]),
        ("steps.a.data[1:]", [("steps", "a", "data")]),
    ],
)
def test_the_names_an_expression_starts_from(text, roots):
    """Only names that are looked up at the root count."""
    (expression,) = parse_template(f"${{{text}}}").expressions
    assert list(expression.roots) == roots


@pytest.mark.parametrize(
    ("value", "false"), [(None, True), (False, True), ("", True), ([], True), ({}, True), (0, False), ("x", False)]
)
def test_false_is_what_jmespath_takes_for_false(value, false):
    """A zero is a value; what is empty is not."""
    assert is_false(value) is false
