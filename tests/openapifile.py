"""Atlassian's OpenAPI file as a judge of requests, with what it leaves open written out. The plugin is unknown here."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from http import HTTPMethod
from itertools import chain
from typing import TYPE_CHECKING, Any

from jsonschema import Draft202012Validator
from jsonschema_rs import Draft4Validator
from openapi_core import Config, OpenAPI
from openapi_core.datatypes import RequestParameters
from openapi_core.exceptions import OpenAPIError
from openapi_core.security.exceptions import SecurityProviderError
from openapi_core.security.factories import SecurityProviderFactory
from openapi_core.security.providers import BaseProvider
from werkzeug.datastructures import Headers, MultiDict

if TYPE_CHECKING:
    from pathlib import Path

    from vantage_jira_plugin.simulator.requestlog import LoggedRequest

__all__ = ["OpenApiFile"]

#: Stands for the site in the file; requests are judged by what comes behind `/ex/jira/{cloudId}`.
_HOST = "https://site.example"
#: Largest page of search/jql. Source: OpenAPI file, and Jira's answer to 0 and 6000 recorded 2026-10-08.
_MAX_SEARCH_PAGE = 5000
#: Longest issue or comment property, in characters of JSON, and its key. Source: OpenAPI file, issue properties.
_MAX_PROPERTY_LENGTH = 32_768
_MAX_PROPERTY_KEY_LENGTH = 255
_ATTACHMENTS = "/rest/api/3/issue/{issueIdOrKey}/attachments"
_CUSTOM_FIELD = re.compile(r"customfield_[1-9]\d*")
#: What `fields` takes beside fields. Source: OpenAPI file, POST search/jql and GET issue.
_NO_FIELDS = frozenset({"*all", "*navigable", "id", "key"})
#: An option in the description of a parameter: " *  `lead` Returns ...", or the only one: "accepts `properties`".
_OPTION = re.compile(r"^ \*  `(\w+)` |accepts ?`(\w+)`", re.MULTILINE)

_NAME = {"type": "string", "minLength": 1, "maxLength": 255}
_ID = {"type": "string", "pattern": r"^\d+$"}


def _one_of(**names: dict[str, Any]) -> dict[str, Any]:
    """Return the schema of an object with exactly one of these names."""
    return {
        "oneOf": [
            {"type": "object", "properties": {name: schema}, "required": [name], "additionalProperties": False}
            for name, schema in names.items()
        ]
    }


def _or_null(schema: dict[str, Any]) -> dict[str, Any]:
    return {"anyOf": [{"type": "null"}, schema]}


_PERSON = _one_of(accountId={"type": "string", "minLength": 1, "maxLength": 128})
#: Values that Jira takes for the fields of an issue: the file says no more than "anything". A document is
#: judged by its own schema. Source: the file's example of POST issue; names beside ids and accountId:
#: https://developer.atlassian.com/server/jira/platform/jira-rest-api-examples/ ("Setting custom field data").
_FIELD_VALUES: dict[str, dict[str, Any]] = {
    "project": _one_of(id=_ID, key={"type": "string", "pattern": "^[A-Z][A-Z0-9_]*$"}),
    "issuetype": _one_of(id=_ID, name=_NAME),
    "summary": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": r"^[^\r\n]+$"},
    "description": _or_null({"type": "object"}),
    "priority": _or_null(_one_of(id=_ID, name=_NAME)),
    "labels": {"type": "array", "uniqueItems": True, "items": {"type": "string", "pattern": r"^\S{1,255}$"}},
    "assignee": _or_null(_PERSON),
    "duedate": _or_null({"type": "string", "pattern": r"^\d{4}-\d{2}-\d{2}$"}),
}
#: Fields that no issue can be without. Source: answers to creates without them, recorded.
_REQUIRED_TO_CREATE = frozenset({"project", "issuetype", "summary"})


class _BearerProvider(BaseProvider):
    """Reads a token; openapi-core leaves `oauth2` to its user, with a warning."""

    def __call__(self, parameters: RequestParameters) -> str:
        scheme, _, token = parameters.header.get("Authorization", "").partition(" ")
        if scheme != "Bearer" or not token:
            raise SecurityProviderError("no bearer token")
        return token


class _Security(SecurityProviderFactory):
    PROVIDERS = {**SecurityProviderFactory.PROVIDERS, "oauth2": _BearerProvider}  # noqa: RUF012 - as inherited


@dataclass(frozen=True)
class _Judged:
    """A logged request as openapi-core reads one."""

    host_url: str
    path: str
    method: str
    content_type: str
    body: bytes
    parameters: RequestParameters = field(repr=False)


class OpenApiFile:
    """The file in a folder `spec`, with the schema of documents beside it.

    Args:
        folder: `../shared/jira`.
    """

    def __init__(self, folder: Path) -> None:
        data = json.loads((folder / "spec" / "jira-platform.v3.json").read_text(encoding="utf-8"))
        _correct(data)
        self._paths: dict[str, Any] = data["paths"]
        self._schemas: dict[str, Any] = data["components"]["schemas"]
        # Whether the file itself is sound is Atlassian's business, and takes a minute to find out.
        config = Config(spec_validator_cls=None, security_provider_factory=_Security())
        self._openapi = OpenAPI.from_dict({**data, "servers": [{"url": _HOST}]}, config=config)
        # A literal segment wins over a parameter: /issue/bulkfetch is no issue.
        by_parameters = sorted(self._paths, key=lambda template: template.count("{"))
        self._templates = [(template, _template_pattern(template)) for template in by_parameters]
        document_schema = json.loads((folder / "spec" / "adf-schema-full.json").read_text(encoding="utf-8"))
        self._document = Draft4Validator(document_schema)
        self._documents: dict[str, list[str]] = {}
        recorded = folder / "recorded" / "cloud-v3" / "jupiterone-stepsCloud-GET-rest-api-3-field-1.json"
        self._field_ids = {entry["id"] for entry in json.loads(recorded.read_text(encoding="utf-8"))["body"]}

    def template(self, request: LoggedRequest) -> str | None:
        """Return the path of the file that a request goes to, or None."""
        found = (template for template, pattern in self._templates if pattern.fullmatch(request.site_path))
        return next(found, None)

    def complaints(self, request: LoggedRequest) -> list[str]:
        """Return what is wrong with a request, in words; nothing where it is valid."""
        template = self.template(request)
        operation = None if template is None else self._paths[template].get(request.method.lower())
        if template is None or operation is None:
            return [f"the file has no {request.method} {request.site_path}"]
        if operation.get("deprecated"):
            return [f"deprecated: {request.method} {template}"]
        return [
            *self._by_the_file(request),
            *_headers(request, operation),
            *_query(request, operation),
            *self._fields_asked(request),
            *self._body(request, template),
        ]

    def _by_the_file(self, request: LoggedRequest) -> list[str]:
        """Return what openapi-core finds: parameters, body, content type, security."""
        parameters = RequestParameters(
            query=MultiDict((name, value) for name, values in request.query.items() for value in values),
            header=Headers(list(request.headers.items())),
        )
        judged = _Judged(
            host_url=_HOST,
            path=request.site_path,
            method=request.method.lower(),
            content_type=request.headers.get("content-type", ""),
            body=request.body,
            parameters=parameters,
        )
        try:
            self._openapi.validate_request(judged)
        except OpenAPIError as error:
            return [f"{error}: {error.__cause__}"]
        return []

    def _fields_asked(self, request: LoggedRequest) -> list[str]:
        """Return which names in `fields` are not Jira's; the file takes any text."""
        asked = [name for value in request.query.get("fields", ()) for name in value.split(",")]
        data = _json(request)
        if isinstance(data, dict) and isinstance(data.get("fields"), list):
            asked += data["fields"]
        wrong = [name for name in asked if name not in _NO_FIELDS and not self._is_field(str(name).removeprefix("-"))]
        twice = {name for name in asked if asked.count(name) > 1}
        return [f"no field of Jira: {name!r}" for name in wrong] + [f"asked for twice: {name!r}" for name in twice]

    def _is_field(self, name: str) -> bool:
        return name in self._field_ids or bool(_CUSTOM_FIELD.fullmatch(name))

    def _body(self, request: LoggedRequest, template: str) -> list[str]:
        """Return what is wrong with a body beyond the file, which leaves most of them open."""
        data = _json(request)
        if not isinstance(data, dict):
            return []
        match request.method, template:
            case "POST", "/rest/api/3/search/jql":
                return _search(data)
            case ("POST", "/rest/api/3/issue") | ("PUT", "/rest/api/3/issue/{issueIdOrKey}"):
                return self._issue(data, creates=request.method == HTTPMethod.POST)
            case "POST", "/rest/api/3/issue/{issueIdOrKey}/comment":
                return self._comment(data)
            case "POST", "/rest/api/3/issue/{issueIdOrKey}/worklog":
                return self._worklog(data)
            case _:
                return []

    def _issue(self, data: dict[str, Any], *, creates: bool) -> list[str]:
        wrong = self._unknown_names(data, "IssueUpdateDetails") + _properties(data)
        fields = data.get("fields")
        if not isinstance(fields, dict):
            return [*wrong, "an issue without fields"]
        if creates:
            wrong += [f"created without {name}" for name in sorted(_REQUIRED_TO_CREATE - fields.keys())]
        both = fields.keys() & data.get("update", {}).keys()
        wrong += [f"both in fields and in update: {name}" for name in sorted(both)]
        for name, value in fields.items():
            if _CUSTOM_FIELD.fullmatch(name):
                continue
            schema = _FIELD_VALUES.get(name)
            if schema is None or name not in self._field_ids:
                wrong.append(f"no field of an issue whose values are known here: {name!r}")
                continue
            if creates and value is None:
                wrong.append(f"{name}: nothing can be cleared in a create")
            wrong += [f"{name}: {error.message}" for error in Draft202012Validator(schema).iter_errors(value)]
            if name == "description" and value is not None:
                wrong += self._not_a_document(value)
        return wrong

    def _comment(self, data: dict[str, Any]) -> list[str]:
        wrong = self._unknown_names(data, "Comment") + _properties(data)
        return wrong + self._not_a_document(data.get("body"))

    def _worklog(self, data: dict[str, Any]) -> list[str]:
        wrong = self._unknown_names(data, "Worklog") + _properties(data)
        if len({"timeSpent", "timeSpentSeconds"} & data.keys()) != 1:
            wrong.append("the time spent in both ways, or in none")
        if "started" not in data:
            wrong.append("a worklog that does not say when")
        return wrong + (self._not_a_document(data["comment"]) if "comment" in data else [])

    def _unknown_names(self, data: dict[str, Any], schema: str) -> list[str]:
        """Return the names that a schema does not have, or has for answers only, though it is open."""
        known = self._schemas[schema]["properties"]
        return [f"{schema} takes no {name}" for name in data if known.get(name, {"readOnly": True}).get("readOnly")]

    def _not_a_document(self, value: object) -> list[str]:
        text = json.dumps(value, sort_keys=True)
        if text not in self._documents:  # judging takes long, and the same ones come again
            wrong = [f"no Atlassian document: {error.message[:200]}" for error in self._document.iter_errors(value)]
            self._documents[text] = wrong
        return self._documents[text]


def _correct(data: dict[str, Any]) -> None:
    """Correct two schemas that the file's own examples and texts contradict."""
    data["components"]["schemas"]["Worklog"]["properties"]["started"] = {
        "type": "string",
        "pattern": r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}[+-]\d{4}$",
    }
    # It describes what Jira's framework makes of the form.
    form = data["paths"][_ATTACHMENTS]["post"]["requestBody"]["content"]["multipart/form-data"]
    form["schema"] = {
        "type": "object",
        "properties": {"file": {"type": "string", "format": "binary"}},
        "required": ["file"],
        "additionalProperties": False,
    }


def _template_pattern(template: str) -> re.Pattern[str]:
    parts = re.split(r"\{[^}]+\}", template)
    return re.compile("[^/]+".join(re.escape(part) for part in parts))


def _json(request: LoggedRequest) -> Any:
    try:
        return json.loads(request.body) if request.body else None
    except ValueError:
        return None  # openapi-core has said so


def _headers(request: LoggedRequest, operation: dict[str, Any]) -> list[str]:
    """Return what is wrong with the headers; a few operations would answer anybody."""
    wrong = []
    if not re.fullmatch(r"Bearer \S+", request.headers.get("authorization", "")):
        wrong.append("no bearer token")
    answers_json = any(answer.get("content") for answer in operation["responses"].values())
    if ("application/json" if answers_json else "/") not in request.headers.get("accept", ""):
        wrong.append("does not ask for what is answered")
    form = "multipart/form-data" in operation.get("requestBody", {}).get("content", {})
    # Source: the file, "Special headers".
    if request.headers.get("x-atlassian-token") != ("no-check" if form else None):
        wrong.append("a form without its header, or the header without a form")
    if "requestBody" not in operation and (request.body or "content-type" in request.headers):
        wrong.append("a body where none is taken")
    return wrong


def _query(request: LoggedRequest, operation: dict[str, Any]) -> list[str]:
    """Return what is wrong with the query: names that the file does not have, options that it does not name."""
    known = {entry["name"]: entry for entry in operation.get("parameters", ()) if entry["in"] == "query"}
    wrong = [f"no query parameter of this operation: {name!r}" for name in request.query if name not in known]
    wrong += [f"given twice: {name!r}" for name, values in request.query.items() if len(values) > 1]
    if "expand" in known:
        options = set(chain.from_iterable(_OPTION.findall(known["expand"].get("description", ""))))
        asked = [option for value in request.query.get("expand", ()) for option in value.split(",")]
        wrong += [f"nothing to expand: {option!r}" for option in asked if option not in options]
    return wrong


def _search(data: dict[str, Any]) -> list[str]:
    wrong = []
    if not str(data.get("jql", "")).strip():
        wrong.append("a search without a query")
    if not 1 <= data.get("maxResults", 1) <= _MAX_SEARCH_PAGE:
        wrong.append(f"maxResults is {data['maxResults']}")
    return wrong


def _properties(data: dict[str, Any]) -> list[str]:
    """Return what is wrong with entity properties; the file demands neither key nor value."""
    wrong = []
    for entry in data.get("properties", ()):
        if entry.keys() != {"key", "value"}:
            wrong.append(f"a property is a key and a value, not {sorted(entry)}")
        elif not 0 < len(entry["key"]) <= _MAX_PROPERTY_KEY_LENGTH:
            wrong.append("the key of a property is too long")
        elif len(json.dumps(entry["value"])) > _MAX_PROPERTY_LENGTH:
            wrong.append("the value of a property is too long")
    return wrong
