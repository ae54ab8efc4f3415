from __future__ import annotations

import pytest

from vantage_jira_plugin.adf.marks import Piece, merged, source_of


def pieces(*given):
    """Return pieces from texts and (text, mark, ...) tuples."""
    return [Piece(one) if isinstance(one, str) else Piece(one[0], frozenset(one[1:])) for one in given]


@pytest.mark.parametrize(
    ("given", "source"),
    [
        ([("a", "strong"), ("b", "strong", "em"), ("c", "strong")], "**abc**"),
        ([("a ", "strong"), ("b", "strong", "em"), (" c", "em")], "**a _b_** _c_"),
        ([("a", "strong"), ("b", "em")], "**a**b"),
        ([("a", "em"), "b"], "*a*b"),
        (["x", ("(a)", "strong"), "y"], "x(**a**)y"),
        (["x ", ("(a)", "strong"), " y"], "x **(a)** y"),
        ([(" ", "strong")], " "),
        (["a", ("!", "em"), "b"], "a!b"),
        (["x", ("a", "strike", "strong"), "y"], "x**a**y"),
        ([("2 * 3", "em")], "_2 * 3_"),
        ([("a*b", "em")], r"_a\*b_"),
    ],
)
def test_marks_are_written_where_they_can_be_read(given, source):
    """Delimiters stand only where markdown reads them; the text always stays."""
    assert source_of(pieces(*given)) == source


def test_exclamation_mark_before_a_link():
    """A link after an exclamation mark does not become an image."""
    linked = [Piece("!"), Piece("a", source="[a](http://b.c)")]
    assert source_of(linked) == r"\![a](http://b.c)"


def test_merging():
    """Neighbours that are written alike are one piece; code joins code."""
    code = Piece("a", source="`a`", code=True)
    assert merged([Piece("a"), Piece(""), Piece("b"), code, code]) == [
        Piece("ab"),
        Piece("aa", source="`aa`", code=True),
    ]
