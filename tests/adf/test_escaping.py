from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.adf.documents import doc, paragraph, plain
from vantage_jira_plugin.adf import from_markdown, to_markdown
from vantage_jira_plugin.adf.escaping import code_source, heading_source, item_source, paragraph_source, run_escapes


@pytest.mark.parametrize(
    ("value", "positions"),
    [
        ("*a*", {0, 2}),
        ("*.py *.js", set()),
        ("2 * 3 * 4", set()),
        ("a_b_c", set()),
        ("_a b_", {0, 4}),
        ("a ~ b ~~c~~", {6, 7, 9, 10}),
        ("*a", set()),
    ],
)
def test_only_runs_that_can_pair_are_escaped(value, positions):
    """A run of delimiters is harmless unless one before it opens and it closes."""
    assert run_escapes(value, (), "") == positions


def test_runs_beside_marks_are_escaped():
    """Where marks start or end, and where the paragraph uses the character, a run may do anything."""
    assert run_escapes("*a", [0], "*") == {0}
    assert run_escapes("a *b", [], "*") == {2}
    assert run_escapes("a * b", [], "*") == set()


@pytest.mark.parametrize(
    ("source", "written"),
    [
        ("plain\ntext", "plain\ntext"),
        ("12) a", r"12\) a"),
        ("1234567890. a", "1234567890. a"),
        ("#a", "#a"),
        ("  + a", r"  \+ a"),
        ("_ _ _", r"\_ \_ \_"),
        ("-_-", "-_-"),
        ("[a\nb]: c", "\\[a\nb]: c"),
        ("[~accountid:1]: http://a.b", r"[~accountid:1]\: http://a.b"),
    ],
)
def test_line_starts(source, written):
    """A line that would start another block gets a backslash, others do not."""
    assert paragraph_source(source) == written


def test_special_places():
    """Checkboxes of items and closing hashes of headings are protected."""
    assert item_source("[x] a") == r"\[x] a"
    assert item_source("[xy] a") == "[xy] a"
    assert heading_source("C#") == "C#"
    assert heading_source("a ##") == r"a \##"


@given(st.text(alphabet="a` \\", min_size=1, max_size=12))
def test_code_reads_back(value):
    """Inline code holds any backticks and spaces."""
    [found] = from_markdown(f"x{code_source(value)}x")["content"]
    assert found["content"][1] == {"type": "text", "text": value, "marks": [{"type": "code"}]}


@given(st.text(alphabet="ab1 .*_~`#>+-=|\\[]()<>!:&;/\"'\n\tß", max_size=30))
def test_any_text_reads_back(value):
    """Plain text, escaped and read, is the same text; only white space at the ends may go."""
    again = plain(from_markdown(to_markdown(doc(paragraph(value))))["content"])
    expected = "\n".join(line.rstrip() for line in value.split("\n")).rstrip().lstrip(" \t")
    assert again.removesuffix("\n") == expected
