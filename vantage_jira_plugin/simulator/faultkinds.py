"""Kinds of faults: what becomes of a request and its answer. Which fault meets a request is not known here."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum
from typing import TYPE_CHECKING

from vantage_jira_plugin.simulator.messages import Response
from vantage_jira_plugin.simulator.wire import body_bytes

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["KINDS", "Kind", "Manner", "Reply"]

#: What a proxy puts in place of Jira's answer when it wants a login.
LOGIN_PAGE = "<!DOCTYPE html>\n<html><head><title>Log in to continue</title></head><body>Log in</body></html>\n"

#: Content type of an answer that is JSON text already.
JSON_HEADERS = {"Content-Type": "application/json;charset=UTF-8"}


class Manner(Enum):
    """How an answer leaves."""

    WHOLE = "whole"
    TRUNCATED = "truncated"
    RESET = "reset"


@dataclass(frozen=True, slots=True)
class Reply:
    """What the server shall do: send `response` in this manner, after this delay."""

    response: Response | None
    manner: Manner = Manner.WHOLE
    delay_seconds: float = 0.0


def _cut(response: Response) -> Response:
    text = body_bytes(response).decode()
    return replace(response, body=text[: len(text) // 2].encode(), headers={**JSON_HEADERS, **response.headers})


def _emptied(_response: Response) -> Response:
    return Response(200)


def _login_page(_response: Response) -> Response:
    return Response(200, LOGIN_PAGE.encode(), {"Content-Type": "text/html;charset=UTF-8"})


@dataclass(frozen=True, slots=True)
class Kind:
    """What a kind of fault does: how often the request is acted on, what becomes of the answer, or the scripted one."""

    acts: int
    change: Callable[[Response], Response] = replace
    manner: Manner = Manner.WHOLE
    scripted: bool = False


#: Every kind of fault.
KINDS: Mapping[str, Kind] = {
    # The scripted answer is given; nothing is done.
    "answer": Kind(0, scripted=True),
    # The request is acted on, then the scripted answer is given instead of its own.
    "late_failure": Kind(1, scripted=True),
    # The connection is reset before anything is done.
    "reset": Kind(0, manner=Manner.RESET),
    # The request is acted on, then the connection is reset.
    "lost_answer": Kind(1, manner=Manner.RESET),
    # It is acted on twice, as when a proxy replays it; the second answer is given.
    "duplicate": Kind(2),
    # The answer comes late.
    "slow": Kind(1),
    # Full Content-Length, half the body, then the connection is closed.
    "truncate": Kind(1, manner=Manner.TRUNCATED),
    # The answer is well framed, but half its JSON text is missing.
    "cut_json": Kind(1, _cut),
    # 200 without a body.
    "empty": Kind(1, _emptied),
    # 200 with a login page.
    "html": Kind(1, _login_page),
}
