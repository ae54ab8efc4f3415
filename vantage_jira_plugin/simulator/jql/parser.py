"""Text of a query into a tree, and Jira's texts where it is none. No site is known here."""

from __future__ import annotations

import functools
import re
from pathlib import Path
from typing import TYPE_CHECKING

from lark import Lark, Token
from lark.exceptions import UnexpectedInput

from .builder import build_query
from .complaints import IN_JQL, place_of, syntax_error
from .errors import JqlSyntaxError

if TYPE_CHECKING:
    from collections.abc import Callable

    from .tree import Query

__all__ = ["RESERVED_WORDS", "parse"]

#: Longest query that is read, in characters. Chosen here; Jira does not say.
_LONGEST = 200_000
#: Deepest nesting of parentheses and negations. Chosen here.
_DEEPEST = 200

#: Pieces of a query as far as nesting goes: quoted texts, also unfinished ones, words, single signs.
_PIECES = re.compile(r""""(?:[^"\\]|\\.)*"?|'(?:[^'\\]|\\.)*'?|!=|!~|(?:[^\s=!<>()~,\[\]|&"'\\]|\\.)+|\S""", re.DOTALL)

#: Words of the grammar, and the terminals that they become.
_KEYWORDS = {
    "and": "_AND",
    "or": "_OR",
    "not": "_NOT",
    "in": "IN",
    "is": "IS",
    "was": "WAS",
    "changed": "CHANGED",
    "empty": "EMPTY",
    "null": "EMPTY",
    "order": "_ORDER",
    "by": "BY",
    "asc": "ASC",
    "desc": "DESC",
    "after": "AFTER",
    "before": "BEFORE",
    "on": "ON",
    "during": "DURING",
    "from": "FROM",
    "to": "TO",
    "cf": "CF",
}
#: Words that must be quoted though the grammar does not use them.
#: Source: https://support.atlassian.com/jira-software-cloud/docs/what-is-advanced-search-in-jira-cloud/
RESERVED_WORDS = frozenset(
    """
    abort access add alias all alter any as audit avg begin between boolean break byte catch char
    character check checkpoint collate collation column commit connect continue count create current
    date decimal declare decrement default defaults define delete delimiter difference distinct divide
    do double drop else encoding end equals escape exclusive exec execute exists explain false fetch
    file field first float for function go goto grant greater group having identified if immediate
    increment index initial inner inout input insert int integer intersect intersection into isempty
    isnull join last left less like limit lock long max min minus mode modify modulo more multiply next
    noaudit notin nowait number object of option outer output power previous prior privileges public
    raise raw remainder rename resource return returns revoke right row rowid rownum rows select session
    set share size sqrt start strict string subtract sum synonym table then trans transaction trigger
    true uid union unique update user validate values view when whenever where while with
    """.split()  # noqa: SIM905 - a list of words reads better as text
) | set(_KEYWORDS)


def _word(token: Token) -> Token:
    """Turn words of the grammar into its terminals, and refuse reserved ones."""
    lowered = token.lower()
    if lowered in _KEYWORDS:
        return Token.new_borrow_pos(_KEYWORDS[lowered], token.value, token)
    if lowered in RESERVED_WORDS:
        raise JqlSyntaxError(
            f"{IN_JQL}'{token}' is a reserved JQL word. "
            f"You must surround it in quotation marks to use it in a query. {place_of(token)}"
        )
    return token


@functools.cache
def _lark() -> Lark:
    callbacks: dict[str, Callable[[Token], Token]] = {"WORD": _word}
    return Lark(
        Path(__file__).with_name("grammar.lark").read_text(encoding="utf-8"),
        parser="lalr",
        lexer="basic",
        start="query",
        lexer_callbacks=callbacks,
        propagate_positions=True,
        maybe_placeholders=True,
    )


@functools.lru_cache(maxsize=512)
def parse(text: str) -> Query:
    """Return the query as a tree.

    Raises:
        JqlSyntaxError: with Jira's text.
    """
    if len(text) > _LONGEST or _nesting(text) > _DEEPEST:
        raise JqlSyntaxError(f"{IN_JQL}The query is too long or too deeply nested.")
    try:
        tree = _lark().parse(text)
    except UnexpectedInput as error:
        raise syntax_error(error, text) from None
    return build_query(tree)


def _nesting(text: str) -> int:
    """Return how deep parentheses and negations stand in each other, outside quoted text."""
    deepest, depth, negations, opened = 0, 0, 0, list[int]()
    for piece in _PIECES.findall(text) if len(text) > _DEEPEST else ():
        if piece == "!" or piece.lower() == "not":
            negations += 1
        elif piece == "(":
            opened.append(negations + 1)
            depth += negations + 1
            negations = 0
        else:
            negations = 0
            if piece == ")" and opened:
                depth -= opened.pop()
        deepest = max(deepest, depth + negations)
    return deepest
