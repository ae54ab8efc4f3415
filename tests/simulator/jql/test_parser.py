from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vantage_jira_plugin.simulator.jql.errors import JqlSyntaxError
from vantage_jira_plugin.simulator.jql.parser import RESERVED_WORDS, parse
from vantage_jira_plugin.simulator.jql.tree import And, Call, Clause, Empty, Many, Not, Or, Value

_OPERATORS = "The valid operators are '=', '!=', '<', '>', '<=', '>=', '~', '!~', 'IN', 'NOT IN', 'IS' and 'IS NOT'."
_PREFIX = "Error in the JQL Query: "

_COMPLAINTS = {
    "project = PUB AND": f"{_PREFIX}Expecting a field name at the end of the query.",
    "colour red": f"{_PREFIX}Expecting operator but got 'red'. {_OPERATORS} (line 1, character 8)",
    "invalid query": f"{_PREFIX}Expecting operator but got 'query'. {_OPERATORS} (line 1, character 9)",
    "ABC2SD-1623": f"{_PREFIX}Expecting operator before the end of the query. {_OPERATORS}",
    "project = ENG status = Done": (
        f"{_PREFIX}Expecting either 'OR' or 'AND' but got 'status'. (line 1, character 15)"
    ),
    "a=b c=d": f"{_PREFIX}Expecting either 'OR' or 'AND' but got 'c'. (line 1, character 5)",
    "a=b !c=d": f"{_PREFIX}Expecting either 'OR' or 'AND' but got '!'. (line 1, character 5)",
    "a=!": (
        "Error in JQL Query: Expecting either a value, list or function but got '!'. "
        "You must surround '!' in quotation marks to use it as a value. (line 1, character 3)"
    ),
    "project = IN": (
        "Error in JQL Query: Expecting either a value, list or function but got 'IN'. "
        "You must surround 'IN' in quotation marks to use it as a value. (line 1, character 11)"
    ),
    "a=(a,": f"{_PREFIX}Expecting either a value, list or function before the end of the query.",
    "(project = ENG": f"{_PREFIX}Expecting ')' before the end of the query.",
    'summary ~ "unclosed': (f"{_PREFIX}The quoted string 'unclosed' has not been completed. (line 1, character 11)"),
    "end = 3": (
        f"{_PREFIX}'end' is a reserved JQL word. You must surround it in quotation marks to use it in a "
        "query. (line 1, character 1)"
    ),
    "project = @x": (
        f"{_PREFIX}The character '@' is a reserved JQL character. You must enclose it in a string or use "
        "the escape '\\u0040' instead. (line 1, character 11)"
    ),
    "a = b order": f"{_PREFIX}Expecting 'BY' before the end of the query.",
    "a = 1 and\nb c": f"{_PREFIX}Expecting operator but got 'c'. {_OPERATORS} (line 2, character 3)",
    r'a = "b\q"': (
        f"{_PREFIX}'\\q' is an illegal JQL escape sequence. The valid escape sequences are "
        "\\', \\\", \\t, \\n, \\r, \\\\, '\\ ' and \\uXXXX. (line 1, character 5)"
    ),
}


@pytest.mark.parametrize("query", _COMPLAINTS)
def test_syntax_is_refused_in_jiras_words(query: str) -> None:
    """A query that is no JQL is refused with the place and the text that Jira gives."""
    with pytest.raises(JqlSyntaxError) as caught:
        parse(query)
    assert caught.value.messages == [_COMPLAINTS[query]]


def test_and_binds_closer_than_or() -> None:
    """`a or b and not c` is an `or` of `a` and an `and`."""
    where = parse("a = 1 OR b = 2 and NOT c = 3").where
    assert isinstance(where, Or)
    assert isinstance(where.clauses[1], And)
    assert isinstance(where.clauses[1].clauses[1], Not)


def test_parentheses_and_signs() -> None:
    """Parentheses group, and signs stand for the words."""
    assert parse("(a = 1 || b = 2) && !c = 3") == parse("(a = 1 or b = 2) and not c = 3")


@pytest.mark.parametrize(
    "operator",
    ["=", "!=", "<", "<=", ">", ">=", "~", "!~", "in", "not in", "is", "is not", "was", "was not", "was in"],
)
def test_every_operator_is_read(operator: str) -> None:
    """Operators are read in any case and kept in lower case."""
    clause = parse(f"a {operator.upper()} (b)").where
    assert isinstance(clause, Clause)
    assert clause.operator == operator


def test_operands() -> None:
    """Words, strings, functions, lists and EMPTY are told apart."""
    where = parse("a in (b, 'c d', f(-1d, \"x\"), empty)").where
    assert isinstance(where, Clause)
    assert isinstance(where.operand, Many)
    assert where.operand.members == (
        Value("b", "b"),
        Value("c d", "'c d'"),
        Call("f", ("-1d", "x"), "f(-1d, x)"),
        Empty("empty"),
    )


def test_custom_fields_by_number() -> None:
    """`cf[10010]` names a custom field by its number, blanks or not."""
    where = parse("CF [ 10010 ] = 1").where
    assert isinstance(where, Clause)
    assert where.field.custom_id == 10010


def test_order() -> None:
    """ORDER BY keeps its fields and what the query says of their direction."""
    query = parse('a = 1 order by key DESC, "Story Points", created asc')
    assert [(sort.field.name, sort.direction) for sort in query.order] == [
        ("key", "desc"),
        ("Story Points", None),
        ("created", "asc"),
    ]


def test_predicates_of_the_past() -> None:
    """`changed` needs no operand, and both take predicates."""
    where = parse("status changed from a to b by currentUser() after -5d").where
    assert isinstance(where, Clause)
    assert [predicate.name for predicate in where.predicates] == ["from", "to", "by", "after"]


def test_nothing_is_an_empty_query() -> None:
    """A blank query is read; that it is unbounded is not the grammar's matter."""
    assert parse("  ").where is None


@given(st.text(max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    """Whatever comes is a query or a syntax error, never another failure."""
    try:
        parse(text)
    except JqlSyntaxError as error:
        assert error.messages[0].startswith("Error in ")


@given(st.lists(st.sampled_from(["a", "=", "(", ")", "and", "not", ",", "order", "by", "~", "!", "'x'"]), max_size=14))
def test_any_words_are_read_or_refused(words: list[str]) -> None:
    """Words of the language in any order are a query or a syntax error."""
    try:
        parse(" ".join(words))
    except JqlSyntaxError as error:
        assert error.messages[0].startswith("Error in ")


@given(st.text(min_size=1, max_size=40))
def test_quoted_values_come_back(text: str) -> None:
    """A value in quotes, with backslashes and quotes escaped, is read as it was."""
    quoted = text.replace("\\", "\\\\").replace('"', '\\"')
    where = parse(f'a = "{quoted}"').where
    assert isinstance(where, Clause)
    assert isinstance(where.operand, Value)
    assert where.operand.text == text


@given(st.sampled_from(sorted(RESERVED_WORDS)))
def test_reserved_words_need_quotes(word: str) -> None:
    """A reserved word is a value only in quotes."""
    if word not in {"empty", "null"}:
        with pytest.raises(JqlSyntaxError):
            parse(f"a = {word}")
    where = parse(f'a = "{word}"').where
    assert isinstance(where, Clause)


@pytest.mark.parametrize(
    "query",
    [
        "(" * 5_000 + "a = 1" + ")" * 5_000,
        "not " * 5_000 + "a = 1",
        "!" * 5_000 + "a = 1",
        "not (" * 101 + "a = 1" + ")" * 101,
    ],
)
def test_deep_nesting_is_refused(query: str) -> None:
    """A query nested beyond reason is refused rather than crashing the parser."""
    with pytest.raises(JqlSyntaxError) as caught:
        parse(query)
    assert "too deeply nested" in str(caught.value)


@pytest.mark.parametrize(
    "query",
    [
        " or ".join(["(a = 1)"] * 500),
        " and ".join(["not a = 1 and !(b != 2) and c not in (3)"] * 500),
        f"a ~ '{'(' * 500}' or b ~ \"{'not (' * 500}\"",
        rf"a ~ 'it\'s {'(' * 500}'",
        "(" * 150 + "a = 1" + ")" * 150,
    ],
)
def test_length_is_not_depth(query: str) -> None:
    """Many clauses side by side and parentheses in quoted text are no nesting."""
    assert parse(query).where


def test_unfinished_text_is_told_as_such() -> None:
    """Parentheses in a text without its end are no nesting either."""
    with pytest.raises(JqlSyntaxError) as caught:
        parse(f'a ~ "{"(" * 500}')
    assert "has not been completed" in str(caught.value)
