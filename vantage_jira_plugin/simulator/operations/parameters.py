"""Query parameters and bodies of requests, read as strictly as Jira reads them. No Jira state."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from vantage_jira_plugin.simulator.messages import JiraRefusal, Response
from vantage_jira_plugin.simulator.problems import NOT_JSON, problem

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from vantage_jira_plugin.simulator.messages import Request

__all__ = [
    "PreparedRefusal",
    "boolean",
    "integer",
    "json_object",
    "listed",
    "offset_page",
    "payload_refused",
    "texts",
]

#: Largest number of a 32-bit parameter (`format: int32` in the OpenAPI file).
_INT32_MAX = 2**31 - 1


class PreparedRefusal(JiraRefusal):
    """A refusal whose answer is not in the shape of an ErrorCollection."""

    def __init__(self, prepared: Response) -> None:
        super().__init__(prepared.status)
        self.prepared = prepared

    def response(self) -> Response:
        """Return the answer as it was prepared."""
        return self.prepared


def payload_refused() -> PreparedRefusal:
    """Return the refusal of a body that is JSON but not what the operation takes.

    Source: recorded answer of 2026-10-08; it has no `errors`.
    """
    message = "Invalid request payload. Refer to the REST API documentation and try again."
    return PreparedRefusal(Response(400, {"errorMessages": [message]}))


def _unreadable(request: Request, name: str, value: str) -> PreparedRefusal:
    # Source: recorded answer of 2026-10-08.
    detail = f"Failed to convert '{name}' with value: '{value}'"
    return PreparedRefusal(problem(400, "Bad Request", detail, request.path))


def integer(request: Request, name: str, default: int) -> int:
    """Return a whole number from the query."""
    text = request.value(name)
    if text is None or text == "":
        return default
    digits = text.removeprefix("-")
    if not (digits.isascii() and digits.isdigit()) or abs(int(text)) > _INT32_MAX:
        raise _unreadable(request, name, text)
    return int(text)


def boolean(request: Request, name: str, *, default: bool = False) -> bool:
    """Return a truth value from the query, as Spring reads them."""
    text = request.value(name)
    if text is None or text == "":
        return default
    lowered = text.lower()
    if lowered in {"true", "on", "yes", "1"}:
        return True
    if lowered in {"false", "off", "no", "0"}:
        return False
    raise _unreadable(request, name, text)


def listed(request: Request, name: str) -> list[str]:
    """Return the values of a parameter that may be repeated, or hold several with commas between."""
    return [item.strip() for value in request.query.get(name, ()) for item in value.split(",") if item.strip()]


def json_object(request: Request) -> dict[str, Any]:
    """Return the body, which must be a JSON object."""
    try:
        body = request.json()
    except (ValueError, RecursionError):
        raise PreparedRefusal(NOT_JSON) from None
    if not isinstance(body, dict):
        raise payload_refused()
    return body


def texts(body: Mapping[str, Any], name: str) -> list[str]:
    """Return a member of a body that is a list of strings, or is not there, or null."""
    listed_values = body.get(name)
    if listed_values is None:
        return []
    if not isinstance(listed_values, list) or not all(isinstance(text, str) for text in listed_values):
        raise payload_refused()
    return listed_values


def offset_page(
    request: Request, url: str, values: Sequence[Any], *, start_at: int, max_results: int
) -> dict[str, Any]:
    """Return a page of the `values` kind: `{self, nextPage?, maxResults, startAt, total, isLast, values}`."""
    shown = list(values[start_at : start_at + max_results])
    is_last = start_at + max_results >= len(values)
    kept = {name: given for name, given in request.query.items() if name not in {"startAt", "maxResults"}}

    def address(start: int) -> str:
        pairs = [(name, value) for name, given in kept.items() for value in given]
        pairs += [("maxResults", str(max_results)), ("startAt", str(start))]
        return f"{url}?" + "&".join(f"{name}={quote(value, safe='')}" for name, value in pairs)

    page: dict[str, Any] = {"self": address(start_at)}
    if not is_last:
        page["nextPage"] = address(start_at + max_results)
    page |= {
        "maxResults": max_results,
        "startAt": start_at,
        "total": len(values),
        "isLast": is_last,
        "values": shown,
    }
    return page
