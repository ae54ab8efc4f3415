from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from vantage_jira_plugin.simulator.jql.errors import JqlError
from vantage_jira_plugin.simulator.jql.textsearch import text_matcher

_TEXT = "Pay by card, or with well-known cash in flight mode"


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("pay card", True),
        ("pay AND card", True),
        ("pay && zebra", False),
        ("pay zebra", False),
        ("pay OR zebra", True),
        ("zebra || card", True),
        ("zebra OR lion", False),
        ("pay zebra OR card", True),
        ("pay OR zebra card", True),
        ("pay NOT zebra", True),
        ("pay NOT card", False),
        ("pay -card", False),
        ("pay !card", False),
        ("+pay +zebra", False),
        ("pay AND NOT zebra", True),
        ("NOT zebra", False),
        ("-zebra", False),
        ("pay (zebra OR card)", True),
        ("pay NOT (zebra OR card)", False),
        ("(zebra OR lion) card", False),
        ('"flight mode"', True),
        ('"mode flight"', False),
        ('pay NOT "flight mode"', False),
        ('-"flight mode" pay', False),
        ("fli*", True),
        ("fl*ht c?sh", True),
        ("c?h", False),
        ("well-known", True),
        ("well-zebra", False),
        ("pay or card", True),
        ("card (cash)", True),
        ("&", False),
        ("pay & card", True),
    ],
)
def test_texts_are_found_as_asked(asked, found):
    """Words, phrases, wildcards, operators and parentheses mean what Jira's page says."""
    assert text_matcher(asked, "summary")(_TEXT) is found


@pytest.mark.parametrize(
    "asked", ["pay OR", "OR pay", "pay AND", "pay NOT", "AND", "(pay", "pay)", "()", "(" * 80 + "a"]
)
def test_text_that_is_no_question_is_refused(asked):
    """Operators without operands and parentheses without partners are refused, not guessed at."""
    with pytest.raises(JqlError) as caught:
        text_matcher(asked, "summary")
    assert caught.value.messages == [f"Unable to parse the text '{asked}' for field 'summary'."]


@given(
    st.text(max_size=40) | st.lists(st.sampled_from(["a", "OR", "NOT", "AND", "(", ")", "-", '"', "*"])).map(" ".join)
)
@example("- a")
@example("a -")
def test_any_text_is_read_or_refused(asked):
    """Whatever is asked, texts are matched or Jira's refusal comes."""
    try:
        matches = text_matcher(asked, "summary")
    except JqlError as error:
        assert error.messages
    else:
        assert matches(_TEXT) in {True, False}
