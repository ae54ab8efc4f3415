"""What Jira says of queries that cannot be read. The grammar itself is not known here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from lark.exceptions import UnexpectedCharacters, UnexpectedInput, UnexpectedToken

from .errors import JqlSyntaxError

if TYPE_CHECKING:
    from lark import Token

__all__ = ["IN_JQL", "place_of", "syntax_error"]

#: How nearly every complaint begins.
IN_JQL = "Error in the JQL Query: "
#: Characters that must be quoted. Source: same page as the reserved words.
_RESERVED_CHARACTERS = frozenset("*/%+$#@?;^{}[]")
_OPERATORS = "The valid operators are '=', '!=', '<', '>', '<=', '>=', '~', '!~', 'IN', 'NOT IN', 'IS' and 'IS NOT'."


def place_of(token: Token) -> str:
    """Return where a word stands."""
    return f"(line {token.line}, character {token.column})"


def syntax_error(error: UnexpectedInput, text: str) -> JqlSyntaxError:
    """Return what Jira says of a query that cannot be read."""
    if isinstance(error, UnexpectedCharacters):
        return JqlSyntaxError(f"{IN_JQL}{_character_words(error, text)}")
    if not isinstance(error, UnexpectedToken):
        raise error
    return JqlSyntaxError(_token_words(error))


def _character_words(error: UnexpectedCharacters, text: str) -> str:
    character, place = error.char, f"(line {error.line}, character {error.column})"
    if character in {'"', "'"}:
        rest = "\n".join(text.split("\n")[error.line - 1 :])[error.column :]
        if not rest:
            return f"The quoted string has not been completed. {place}"
        return f"The quoted string '{rest}' has not been completed. {place}"
    if character in _RESERVED_CHARACTERS:
        return (
            f"The character '{character}' is a reserved JQL character. You must enclose it in a string "
            f"or use the escape '\\u{ord(character):04x}' instead. {place}"
        )
    return f"The character '{character}' is not allowed here. {place}"


def _token_words(error: UnexpectedToken) -> str:
    token = error.token
    accepted = error.accepts or error.expected
    words = next(words for terminal, words in _EXPECTED if terminal in accepted or not terminal)
    if token.type == "$END":
        return words.at_end
    advice = words.advice.format(token)
    return f"{words.before} but got '{token}'.{advice} {place_of(token)}"


@dataclass(frozen=True, slots=True)
class _Words:
    """What is said where something else was expected, and at the end of the query."""

    before: str
    at_end: str
    advice: str = ""


def _quoting(use: str) -> str:
    return f" You must surround '{{}}' in quotation marks to use it as a {use}."


#: By a terminal that could have come, in this order.
#: Source of the second last part of CUSTOM: recorded answer of 2026-10-08; of the missing article in
#: EMPTY: https://github.com/turbot/steampipe-plugin-jira/issues/200 (2026-04-03)
_EXPECTED: tuple[tuple[str, _Words], ...] = (
    (
        "EQ",
        _Words(
            f"{IN_JQL}Expecting operator",
            f"{IN_JQL}Expecting operator before the end of the query. {_OPERATORS}",
            f" {_OPERATORS}",
        ),
    ),
    (
        "EMPTY",
        _Words(
            "Error in JQL Query: Expecting either a value, list or function",
            f"{IN_JQL}Expecting either a value, list or function before the end of the query.",
            _quoting("value"),
        ),
    ),
    (
        "CUSTOM",
        _Words(
            f"{IN_JQL}Expecting a field name",
            f"{IN_JQL}Expecting a field name at the end of the query.",
            _quoting("field name"),
        ),
    ),
    (
        "_AND",
        _Words(f"{IN_JQL}Expecting either 'OR' or 'AND'", f"{IN_JQL}Expecting ')' before the end of the query."),
    ),
    ("BY", _Words(f"{IN_JQL}Expecting 'BY'", f"{IN_JQL}Expecting 'BY' before the end of the query.")),
    ("_RPAR", _Words(f"{IN_JQL}Expecting ')'", f"{IN_JQL}Expecting ')' before the end of the query.")),
    (
        "",
        _Words(
            f"{IN_JQL}Expecting either ',' or the end of the query",
            f"{IN_JQL}The query is not complete.",
        ),
    ),
)
