"""What the text of a `~` asks for: words, phrases, AND, OR, NOT, parentheses. No fields and no issues here.

Source: https://support.atlassian.com/jira-software-cloud/docs/search-for-issues-using-the-text-field/
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from .errors import JqlError

if TYPE_CHECKING:
    from collections.abc import Callable

    #: Tells whether a text, in lower case, matches.
    Matcher = Callable[[str], bool]

__all__ = ["text_matcher"]

#: Deepest nesting of parentheses. Chosen here.
_DEEPEST = 50
_PIECES = re.compile(r'([+!-]?)("[^"]*"|\(|\)|[^\s()]+)|([+!-])')
_WORDS = re.compile(r"\w+")
#: A word, or the pattern of one: `*` for any letters and `?` for one.
_TERMS = re.compile(r"\w[\w*?]*")
#: Signs that stand for operators; as words these are operators in capitals only.
_OPERATORS = {"AND": "AND", "&&": "AND", "OR": "OR", "||": "OR", "NOT": "NOT"}
#: Words that no text is searched for.
_PASSED_OVER = frozenset({"and", "or", "not"})


def text_matcher(text: str, name: str) -> Matcher:
    """Return whether a text holds what another asks for.

    All words and quoted phrases are wanted unless `OR` stands between them; a word may hold `*` and `?`.
    `NOT`, `-` and `!` exclude what follows and find nothing alone. Jira also knows stems; the simulator does not.

    Raises:
        JqlError: with Jira's text.
    """
    stripped = text.strip()
    if not stripped:
        raise JqlError(f"The field '{name}' requires a value to search for.", about_values=True)
    if stripped[0] in "*?":
        raise JqlError(
            f"The text query '{text}' for field '{name}' is not allowed to start with character '{stripped[0]}'.",
            about_values=True,
        )
    reading = _Reading(stripped)
    matcher = reading.alternatives(0)
    if reading.is_broken or reading.pieces:
        raise JqlError(f"Unable to parse the text '{text}' for field '{name}'.", about_values=True)
    return lambda candidate: matcher(candidate.lower())


class _Reading:
    """Takes a text apart from its beginning.

    Attributes:
        pieces: what is still to be read, the next one last.
        is_broken: True once an operand or a parenthesis was missing.
    """

    def __init__(self, text: str) -> None:
        self.pieces: list[str] = []
        for sign, piece, lone in _PIECES.findall(text):
            if sign in {"-", "!"}:
                self.pieces.append("NOT")
            if not lone:
                self.pieces.append(_OPERATORS.get(piece, piece))
        self.pieces.reverse()
        self.is_broken = False

    def _next_is(self, *wanted: str) -> bool:
        return bool(self.pieces) and self.pieces[-1] in wanted

    def alternatives(self, depth: int) -> Matcher:
        """Read parts with `OR` between, up to a closing parenthesis or the end."""
        parts = [self._together(depth)]
        while self._next_is("OR"):
            self.pieces.pop()
            parts.append(self._together(depth))
        return lambda candidate: any(part(candidate) for part in parts)

    def _together(self, depth: int) -> Matcher:
        """Read parts that are wanted together, with or without `AND` between."""
        wanted: list[Matcher] = []
        unwanted: list[Matcher] = []
        while True:
            excluding = False
            while self._next_is("NOT"):
                self.pieces.pop()
                excluding = True
            if not self.pieces or self._next_is("OR", "AND", ")"):
                self.is_broken = True
                break
            (unwanted if excluding else wanted).extend(self._part(depth))
            if self._next_is("AND"):
                self.pieces.pop()
            elif not self.pieces or self._next_is("OR", ")"):
                break
        return lambda candidate: (
            bool(wanted) and all(part(candidate) for part in wanted) and not any(part(candidate) for part in unwanted)
        )

    def _part(self, depth: int) -> list[Matcher]:
        piece = self.pieces.pop()
        if piece != "(":
            return _matchers(piece.lower())
        if depth >= _DEEPEST:
            self.is_broken = True
            self.pieces.clear()
            return []
        inner = self.alternatives(depth + 1)
        if self._next_is(")"):
            self.pieces.pop()
        else:
            self.is_broken = True
        return [inner]


def _matchers(piece: str) -> list[Matcher]:
    """Return what a phrase or a word asks for; several where signs split it, none where it has no letter."""
    if len(piece) > 1 and piece[0] == piece[-1] == '"':
        phrase = piece[1:-1].strip()
        return [lambda candidate: phrase in candidate] if phrase else []
    return [_word(term) for term in _TERMS.findall(piece) if term not in _PASSED_OVER]


def _word(term: str) -> Matcher:
    if not {"*", "?"} & set(term):
        return lambda candidate: term in _WORDS.findall(candidate)
    pattern = re.compile("".join({"*": r"\w*", "?": r"\w"}.get(sign, re.escape(sign)) for sign in term))
    return lambda candidate: any(map(pattern.fullmatch, _WORDS.findall(candidate)))
