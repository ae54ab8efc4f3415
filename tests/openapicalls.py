"""Calls of every action, as different as they can be, and what each is there to send."""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

from tests.actions.test_contract import GOOD
from vantage_jira_plugin.actions import ACTIONS
from vantage_jira_plugin.schemas import json_schema

__all__ = ["CALLS", "SENDS", "Call"]

#: What each action is there to send; it may read before and after.
SENDS = {
    "listSites": None,
    "keepAlive": None,
    "getAccessibleProjects": "GET /rest/api/3/project/search",
    "createIssue": "POST /rest/api/3/issue",
    "getIssue": "GET /rest/api/3/issue/{issueIdOrKey}",
    "updateIssue": "PUT /rest/api/3/issue/{issueIdOrKey}",
    "addComment": "POST /rest/api/3/issue/{issueIdOrKey}/comment",
    "addWorklog": "POST /rest/api/3/issue/{issueIdOrKey}/worklog",
    "addAttachment": "POST /rest/api/3/issue/{issueIdOrKey}/attachments",
    "listComments": "POST /rest/api/3/search/jql",
    "listWorklogs": "POST /rest/api/3/search/jql",
    "listChangelog": "POST /rest/api/3/changelog/bulkfetch",
    "listIssueLinks": "POST /rest/api/3/search/jql",
    "listSprints": "POST /rest/api/3/search/jql",
    "listUsers": "GET /rest/api/3/users/search",
    "cycleTime": "POST /rest/api/3/changelog/bulkfetch",
    "timeInStatus": "POST /rest/api/3/changelog/bulkfetch",
    "agingWork": "POST /rest/api/3/changelog/bulkfetch",
    "throughput": "POST /rest/api/3/changelog/bulkfetch",
    "issueTrends": "POST /rest/api/3/search/jql",
    "cumulativeFlow": "POST /rest/api/3/changelog/bulkfetch",
    "sprintReport": "POST /rest/api/3/changelog/bulkfetch",
    "projectTimeline": "POST /rest/api/3/changelog/bulkfetch",
    "searchIssues": "POST /rest/api/3/search/jql",
    "syncIssues": "POST /rest/api/3/search/jql",
    "exportIssues": "POST /rest/api/3/search/jql",
}
#: Inputs of which an action needs exactly one, beside those that it always needs.
_ONE_OF = {"addWorklog": ("timeSpent", "timeSpentSeconds"), "addAttachment": ("text", "contentBase64")}
#: Markdown that is long, nested, broken or foreign.
_TEXTS = {
    "plain": "Seen again on the night run.",
    "headings": "# One\n\n## Two\n\n####### Seven\n\nUnder\n=====",
    "lists": "1. a\n   - b\n     1. c\n        - [ ] d\n        - [x] e\n2. f\n\n- g\n\n      code in g",
    "quotes": "> a\n>\n> > b\n> >\n> > - c\n\n> ```\n> d\n> ```",
    "code": "```python\nassert 1 == 2  # <b>&amp;</b>\n```\n\n    indented\n\n~~~\n```\n~~~\n\n```\n```",
    "table": "| a | b |\n|---|:-:|\n| `x|y` | **z** |\n| only one |\n\n| h |\n|---|",
    "marks": "***all*** ~~gone~~ **bold `code` bold** _a_ *b*c __d__ \\*no\\* <u>html</u> &copy; &#x1F600;",
    "links": '[a](https://example.com/a_(b)?c=d&e=f#g "t") <https://example.com> ![alt](https://example.com/i.png)',
    "odd links": "[a](javascript:alert(1)) [b](data:text/html,x) [c]() [d](<a b>) [e](\\\\server\\share) [f](//host)",
    "mention": "[~accountid:712020:aaaa-bbbb] please look, [~nobody] too",
    "html": '<div onclick="x()">\n<!-- note -->\n<br>\n</div>\n\n<script>alert(1)</script>',
    "unicode": "Grüße 日本語 العربية \u202eרtl\u202c 👩‍👩‍👧‍👦 \u200bzero\u200bwidth e\u0301",
    "windows lines": "a\r\nb\r\n\r\n- c\r\n- d\r\n",
    "blank ends": "  \n\n  text  \n\n\t\n",
    "rules": "---\n\n***\n\n- - -\n\nText\n---",
    "deep": "> " * 60 + "deep",
    "deep list": "".join(f"{'  ' * depth}- level {depth}\n" for depth in range(12)),
    "longest": ("All work and no play. " * 1490)[:32_767],
    "longest code": "```\n" + "0123456789abcde\n" * 2047 + "```",
    "many marks": "*a* `b` " * 30,
    "many blocks": "- a\n" * 30,
}
#: Ways to name fields that go out as they are, as others, or as wildcards.
_FIELDS: dict[str, Any] = {
    "ids": "summary,status",
    "list": ["summary", "assignee", "labels"],
    "custom by name": "Story Points, Severity",
    "custom by id": ["customfield_10010", "summary"],
    "jql name": "cf[10012]",
    "english names": "Due date, Fix versions",
    "key only": "key",
    "issue key": "issuekey, url",
    "all": "*all",
    "navigable": "*navigable",
    "all but one": "*all,-comment",
    "all but one by name": "*navigable,-Story Points",
    "only an exclusion": "-description",
    "twice": "summary, Summary, summary",
    "every wildcard": "*all,*navigable,summary",
}
_QUERIES = {
    "plain": "project = DEV",
    "ordered": "project = DEV ORDER BY priority DESC, created ASC",
    "quoted": 'project = DEV AND summary ~ "it \\"breaks\\""',
    "lines": "project = DEV\n  AND status != Done\n",
    "foreign": 'project = DEV AND summary ~ "Grüße 日本語"',
    "nothing found": 'project = DEV AND summary ~ "nosuchword"',
}


@dataclass(frozen=True)
class Call:
    """One call of an action."""

    action: str
    inputs: dict[str, Any]
    settings: dict[str, Any] = field(default_factory=dict)
    context: dict[str, Any] = field(default_factory=dict)
    #: Jira's refusal that is expected; what was sent is judged all the same.
    refused: str | None = None

    @property
    def sends(self) -> str | None:
        """What it is there to send; an edit that changes nothing sends nothing, and a dry run no more than it needs."""
        given = {name for name, value in self.inputs.items() if value != ""}
        idle = self.action == "updateIssue" and given <= {"issueKey", "idempotencyKey", "dryRun"}
        return None if idle or self.inputs.get("dryRun") else SENDS[self.action]


def _combinations():
    """Every action with all inputs, the required ones, each one more, each one less, and each cleared."""
    for action, good in GOOD.items():
        schema = json_schema(ACTIONS[action].inputs)
        required = {name: good[name] for name in schema.get("required", ())}
        one_of = _ONE_OF.get(action, ())
        required |= {name: good[name] for name in one_of if name in good}
        optional = [name for name in schema["properties"] if name not in {*required, *one_of}]
        nullable = [name for name in optional if "null" in schema["properties"][name].get("type", ())]
        yield f"{action}-good", Call(action, good)
        yield f"{action}-required", Call(action, required)
        for name in optional:
            if name in good:
                yield f"{action}-with-{name}", Call(action, {**required, name: good[name]})
                yield f"{action}-without-{name}", Call(action, {key: good[key] for key in good if key != name})
            yield f"{action}-empty-{name}", Call(action, {**good, name: ""})
        for name in nullable:
            yield f"{action}-clear-{name}", Call(action, {**required, name: None})
        if nullable:
            yield f"{action}-clear-everything", Call(action, {**good, **dict.fromkeys(nullable)})


def _texts():
    """Every text as description and as comment."""
    for name, text in _TEXTS.items():
        yield f"text-create-{name}", Call("createIssue", {**GOOD["createIssue"], "description": text})
        yield f"text-update-{name}", Call("updateIssue", {"issueKey": "DEV-1", "description": text})
        yield f"text-comment-{name}", Call("addComment", {"issueKey": "DEV-1", "body": text})
        work = {"issueKey": "DEV-1", "timeSpentSeconds": 60, "comment": text}
        yield f"text-worklog-{name}", Call("addWorklog", work)
        yield f"text-attachment-{name}", Call("addAttachment", {"issueKey": "DEV-1", "fileName": "a.txt", "text": text})


def _fields():
    """Every way to name fields, for one issue and for many."""
    for name, fields in _FIELDS.items():
        yield f"fields-get-{name}", Call("getIssue", {"issueKey": "DEV-1", "fields": fields, "raw": True})
        yield f"fields-search-{name}", Call("searchIssues", {"jql": "project = DEV", "fields": fields, "maxRows": 3})


def _more():
    """What is left: queries, limits, ids in place of names, allowed projects, keys of runs."""
    for name, jql in _QUERIES.items():
        yield f"jql-{name}", Call("searchIssues", {"jql": jql})
        yield f"jql-confined-{name}", Call("searchIssues", {"jql": jql}, settings={"allowedProjects": ["DEV", "OPS"]})
    for rows in (1, 50, 100_000):
        yield f"search-maxRows-{rows}", Call("searchIssues", {"jql": "project = DEV", "maxRows": rows})
    for rows in (1, 100, 10_000):
        yield f"projects-maxRows-{rows}", Call("getAccessibleProjects", {"maxRows": rows, "raw": True})
    yield "projects-query-odd", Call("getAccessibleProjects", {"query": "a&b=c #d%2f+é"})
    yield "issue-by-id", Call("getIssue", {"issueKey": "999999"}, refused="not_found")
    yield "issue-small-letters", Call("getIssue", {"issueKey": "dev-1"})
    yield "names-as-ids", Call("createIssue", {**GOOD["createIssue"], "issueType": "10002", "priority": "2"})
    yield "update-names-as-ids", Call("updateIssue", {"issueKey": "DEV-1", "issueType": "10002", "priority": "2"})
    yield "labels-as-text", Call("createIssue", {**GOOD["createIssue"], "labels": "a, b,a"})
    yield "no-labels", Call("updateIssue", {"issueKey": "DEV-1", "labels": []})
    yield "refused-type", Call("createIssue", {**GOOD["createIssue"], "issueType": "Nonsense"}, refused="jira_invalid")
    yield "worklog-at-night", Call("addWorklog", {**GOOD["addWorklog"], "started": "2026-10-25 02:30+0200"})
    yield "worklog-in-days", Call("addWorklog", {**GOOD["addWorklog"], "timeSpent": "1w 2.5d 3h 4m"})
    file = {
        "issueKey": "DEV-1",
        "fileName": "ü & 日本.bin",
        "contentBase64": base64.b64encode(bytes(range(256))).decode(),
    }
    yield "attachment-bytes", Call("addAttachment", file)
    yield "long-key", Call("createIssue", {**GOOD["createIssue"], "idempotencyKey": "é" * 255})
    run = {"runId": "run 1", "nodeId": "node/ü", "timeoutSeconds": 30, "companyId": "c", "userId": "u"}
    only_dev = {"allowedProjects": ["DEV"]}
    for action, good in GOOD.items():
        plain = {name: value for name, value in good.items() if name != "idempotencyKey"}
        yield f"in-a-run-{action}", Call(action, plain, context=run)
        yield f"allowed-{action}", Call(action, good, settings=only_dev)
        yield f"dry-run-{action}", Call(action, {**good, "dryRun": True}, settings=only_dev)
        if "raw" in json_schema(ACTIONS[action].inputs)["properties"]:
            yield f"raw-{action}", Call(action, {**good, "raw": True})
            yield f"raw-allowed-{action}", Call(action, {**good, "raw": True}, settings=only_dev)


CALLS = dict(chain(_combinations(), _texts(), _fields(), _more()))
