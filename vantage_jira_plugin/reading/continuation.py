"""Where a search goes on that was cut by its caller, as a text for the caller to keep. No HTTP."""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Self

from vantage_jira_plugin.errors import InputError

from .slices import Slice

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["Continuation"]

#: What tells a text of this kind from a token of Jira's.
_MARK = "created."
#: A longer text is not given: an import may have created thousands of issues in one minute.
_LONGEST = 9000


@dataclass(frozen=True, slots=True)
class Continuation:
    """The issues that are left: a slice, without some of its first minute; or what a token of Jira's means.

    Attributes:
        known: ids of issues of the slice that came before.
        token: Jira's own, or None.
    """

    part: Slice = field(default_factory=Slice)
    known: tuple[str, ...] = ()
    token: str | None = None

    @classmethod
    def of(cls, text: str | None) -> Self:
        """Return what a text means; None is the beginning.

        Raises:
            InputError: it looks like one of `after`, and is none.
        """
        if text is None:
            return cls()
        if not text.startswith(_MARK):
            return cls(token=text)
        try:
            data = json.loads(base64.urlsafe_b64decode(text[len(_MARK) :].encode("ascii")))
            low, high, known = data["low"], data["high"], data["known"]
        except (ValueError, binascii.Error, KeyError, TypeError, RecursionError):
            raise _refused() from None
        bounds = all(bound is None or (isinstance(bound, int) and abs(bound) < 1 << 40) for bound in (low, high))
        if not bounds or not isinstance(known, list) or not all(isinstance(number, int) for number in known):
            raise _refused()
        return cls(Slice(low, high), tuple(str(number) for number in known))

    @property
    def newest_first(self) -> bool | None:
        """In which direction of `created` it goes on; None where it does not tell."""
        if (self.part.low is None) == (self.part.high is None):
            return None
        return self.part.low is None

    @property
    def minute(self) -> int | None:
        """The minute that it begins with, of which `known` are read."""
        return self.part.low if self.part.high is None else self.part.high - 1

    def after(self, read: Sequence[tuple[int | None, str]], *, newest_first: bool) -> str | None:
        """Return where to go on behind issues that were read, given as minute of creation and id; None: nowhere.

        What was read is in the order of `created`; its end will do, if it reaches back to another minute. Where it is
        nothing, the text is the one that this was read from.
        """
        if not read:
            return self.text if self.known or self.part != Slice() else None
        minute = read[-1][0]
        if minute is None:
            return None
        here = []
        for other, issue_id in reversed(read):
            if other != minute:
                break
            here.append(issue_id)
        if len(here) == len(read) and self.minute == minute:
            here += self.known
        part = Slice(self.part.low, minute + 1) if newest_first else Slice(minute, self.part.high)
        return Continuation(part, tuple(here)).text

    @property
    def text(self) -> str | None:
        """The issues that are left, as a text; None where it would be too long."""
        if not all(issue_id.isdecimal() for issue_id in self.known):
            return None
        data: dict[str, Any] = {"low": self.part.low, "high": self.part.high, "known": [int(one) for one in self.known]}
        text = _MARK + base64.urlsafe_b64encode(json.dumps(data, separators=(",", ":")).encode()).decode()
        return text if len(text) <= _LONGEST else None


def _refused() -> InputError:
    right = "must be the nextPageToken of an earlier call with the same inputs"
    return InputError(f"nextPageToken {right}", errors={"nextPageToken": [right]})
