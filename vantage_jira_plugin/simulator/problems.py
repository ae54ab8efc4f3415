"""Error answers that are not Jira's own: the gateway's and the framework's. Decides nothing."""

from __future__ import annotations

from datetime import UTC, datetime

from vantage_jira_plugin.simulator.messages import Response

__all__ = ["NOT_JSON", "SCOPE_MISSING", "gateway_error", "no_operation", "no_such_place", "problem"]

#: Content type of problem details, as recorded on 2026-10-08.
PROBLEM_TYPE = "application/problem+json;charset=UTF-8"

#: Answer to a body that is no JSON. Source: recorded answer of 2026-10-08 (it has no `errors`).
NOT_JSON = Response(400, {"errorMessages": ["There was an error parsing JSON. Check that your request body is valid."]})

#: Source: https://github.com/PipedreamHQ/pipedream/issues/20210 (2026-03)
SCOPE_MISSING = "Unauthorized; scope does not match"


def no_such_place(path: str, now: float, *, failure: str | None) -> Response:
    """Answer as the gateway does where it knows no such place. Source: recorded answer of 2026-10-08."""
    at = datetime.fromtimestamp(now, UTC)
    body = {
        "timestamp": at.strftime("%Y-%m-%dT%H:%M:%S.%f000Z"),
        "status": 404,
        "error": "Not Found",
        "message": "No message available",
        "path": path,
    }
    headers = {"Content-Type": "application/json"}
    if failure is not None:
        headers["X-Failure-Category"] = failure
    return Response(404, body, headers)


def gateway_error(status: int, message: str) -> Response:
    """Answer as the gateway does where it refuses a token."""
    return Response(status, {"code": status, "message": message}, {"Content-Type": "application/json"})


def no_operation(method: str, path: str, allowed: frozenset[str]) -> Response:
    """Answer where a site has no such path, or has it with other methods only."""
    if not allowed:
        # Source: recorded answer of 2026-10-08.
        return problem(404, "Not Found", f"No endpoint {method} {path}.", path)
    response = problem(405, "Method Not Allowed", f"Method '{method}' is not supported.", path)
    return Response(response.status, response.body, {**response.headers, "Allow": ", ".join(sorted(allowed))})


def problem(status: int, title: str, detail: str, path: str) -> Response:
    """Answer with problem details, as Jira's framework does. Source: recorded answers of 2026-10-08."""
    body = {"type": "about:blank", "title": title, "status": status, "detail": detail, "instance": path}
    return Response(status, body, {"Content-Type": PROBLEM_TYPE})
