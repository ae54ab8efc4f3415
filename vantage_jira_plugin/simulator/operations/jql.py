"""Checking queries without running them. Running them lives in `search`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from vantage_jira_plugin.simulator.jql.errors import JqlError
from vantage_jira_plugin.simulator.jql.evaluation import compile_query
from vantage_jira_plugin.simulator.jql.parser import parse
from vantage_jira_plugin.simulator.jql.structure import structure_json
from vantage_jira_plugin.simulator.messages import JiraRefusal, Response

from .parameters import json_object, payload_refused
from .route import Route, read

if TYPE_CHECKING:
    from collections.abc import Mapping

    from vantage_jira_plugin.simulator.messages import Caller, Request
    from vantage_jira_plugin.simulator.site import Site

__all__ = ["ROUTES"]

_VALIDATIONS = frozenset({"strict", "warn", "none"})


def parse_queries(site: Site, request: Request, caller: Caller, _path: Mapping[str, str]) -> Response:
    """Return each query's structure, or what is wrong with it."""
    validation = request.value("validation") or "strict"
    if validation not in _VALIDATIONS:
        raise JiraRefusal(400, f"The 'validation' value '{validation}' is not one of strict, warn, none.")
    body = json_object(request)
    queries = body.get("queries")
    if (
        set(body) != {"queries"}
        or not isinstance(queries, list)
        or not queries
        or not all(isinstance(query, str) for query in queries)
    ):
        raise payload_refused()
    with site.lock:
        shown = [_parsed(site, caller.account_id, query, validation) for query in queries]
    return Response(200, {"queries": shown})


def _parsed(site: Site, account_id: str, text: str, validation: str) -> dict[str, Any]:
    try:
        query = parse(text)
    except JqlError as error:
        return {"query": text, "errors": error.messages}
    shown: dict[str, Any] = {"query": text, "structure": structure_json(query)}
    if validation == "none":
        return shown
    try:
        compile_query(site, account_id, query)
    except JqlError as error:
        if validation == "warn" and error.about_values:
            return {**shown, "warnings": error.messages}
        return {"query": text, "errors": error.messages}
    return shown


ROUTES: tuple[Route, ...] = (
    read(
        "POST",
        "/jql/parse",
        parse_queries,
        granular="read:field:jira validate:jql:jira read:jql:jira",
    ),
)
