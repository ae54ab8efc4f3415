"""The Jira operations that the plugin uses, as data. No HTTP, no behaviour.

Paths, scopes and answers are those of Atlassian's OpenAPI file for the platform, REST v3
(https://developer.atlassian.com/cloud/jira/platform/swagger-v3.v3.json, 2026-09-07). Points are
counted as https://developer.atlassian.com/cloud/jira/platform/rate-limiting/ says.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = [
    "ADD_ATTACHMENT",
    "ADD_COMMENT",
    "ADD_WORKLOG",
    "BULK_FETCH_ISSUES",
    "COUNT_ISSUES",
    "CREATE_ISSUE",
    "EDIT_ISSUE",
    "FETCH_CHANGELOGS",
    "FETCH_COMMENTS",
    "FETCH_WORKLOGS",
    "GET_ATTACHMENT_CONTENT",
    "GET_ATTACHMENT_SETTINGS",
    "GET_ISSUE",
    "LIST_COMMENTS",
    "LIST_FIELDS",
    "LIST_STATUSES",
    "LIST_USERS",
    "LIST_WORKLOGS",
    "MYSELF",
    "SEARCH_ISSUES",
    "SEARCH_PROJECTS",
    "Operation",
]

#: What a read of one issue, project or other core object adds to the request's own point.
_CORE_OBJECT_POINTS = 1
#: What a read of one user or other identity object adds.
_IDENTITY_OBJECT_POINTS = 2


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation of the REST API.

    Attributes:
        method: HTTP method.
        template: path below `/ex/jira/{cloudId}`, with `{names}` for its parameters.
        does: what it does, in people's words, to follow "could not".
        scopes: classic OAuth scopes, all of which are needed.
        granular: the granular scopes that serve instead.
        writes: whether it changes something. An ambiguous failure of a write is never repeated.
        answer: JSON type of a good answer: dict, list, or None where there may be no body; bytes where it is no JSON
            but a file.
        answer_keys: keys that a good answer has at least, and their JSON types; texts are not empty.
        single: whether a good answer is a list of one, which has these keys; that one is its data.
        members: name of the list in the answer that may be long, and is then read one member at a time.
        headers: of the request, beside those of every request.
        creates_issue: whether it makes an issue, whose number is then the newest of its project.
        bulk: whether it is one of the bulk operations, of which few may run at once.
        read_points: points that the objects of a good answer cost, beside the request's own.
    """

    method: str
    template: str
    does: str
    scopes: frozenset[str]
    granular: frozenset[str]
    writes: bool = False
    answer: type | None = dict
    answer_keys: tuple[tuple[str, type], ...] = ()
    single: bool = False
    members: str | None = None
    headers: tuple[tuple[str, str], ...] = ()
    creates_issue: bool = False
    bulk: bool = False
    read_points: Callable[[Any], int] = lambda _: 0

    def path(self, values: Mapping[str, str]) -> str:
        """Return the path with its parameters filled in, each quoted as one segment."""
        return self.template.format_map({name: quote(value, safe="") for name, value in values.items()})

    def allowed_by(self, granted: frozenset[str]) -> bool:
        """Tell whether the granted scopes suffice."""
        return self.scopes <= granted or (bool(self.granular) and self.granular <= granted)


def _granular(names: str) -> frozenset[str]:
    """Write `read:issue write:comment` out as Jira's granular scope names."""
    return frozenset(f"{name}:jira" for name in names.split())


def _count(data: Any, name: str) -> int:
    """Count the objects of a list in an answer."""
    objects = data.get(name)
    return len(objects) if isinstance(objects, list) else 0


MYSELF = Operation(
    "GET",
    "/rest/api/3/myself",
    "read the connected account",
    scopes=frozenset({"read:jira-user"}),
    granular=_granular("read:application-role read:group read:user read:avatar"),
    read_points=lambda _: _IDENTITY_OBJECT_POINTS,
    answer_keys=(("accountId", str),),
)
LIST_FIELDS = Operation(
    "GET",
    "/rest/api/3/field",
    "read the list of fields",
    scopes=frozenset({"read:jira-work"}),
    granular=_granular("read:field read:avatar read:project-category read:project read:field-configuration"),
    answer=list,
)
SEARCH_PROJECTS = Operation(
    "GET",
    "/rest/api/3/project/search",
    "list the projects",
    scopes=frozenset({"read:jira-work"}),
    granular=_granular(
        "read:issue-type read:project read:project.property read:user read:application-role read:avatar "
        "read:group read:issue-type-hierarchy read:project-category read:project-version "
        "read:project.component"
    ),
    read_points=lambda data: _count(data, "values") * _CORE_OBJECT_POINTS,
    answer_keys=(("values", list),),
)
GET_ISSUE = Operation(
    "GET",
    "/rest/api/3/issue/{issueIdOrKey}",
    "read the issue",
    scopes=frozenset({"read:jira-work"}),
    granular=_granular(
        "read:issue-meta read:issue-security-level read:issue.vote read:issue.changelog read:avatar "
        "read:issue read:status read:user read:field-configuration"
    ),
    read_points=lambda _: _CORE_OBJECT_POINTS,
    answer_keys=(
        ("id", str),
        ("key", str),
    ),
)
SEARCH_ISSUES = Operation(
    "POST",
    "/rest/api/3/search/jql",
    "search issues",
    scopes=frozenset({"read:jira-work"}),
    granular=_granular("read:issue-details read:field.default-value read:field.option read:field read:group"),
    read_points=lambda data: _count(data, "issues") * _CORE_OBJECT_POINTS,
    answer_keys=(("issues", list),),
    members="issues",
)
COUNT_ISSUES = Operation(
    "POST",
    "/rest/api/3/search/approximate-count",
    "count the issues",
    scopes=frozenset({"read:jira-work"}),
    granular=_granular("read:issue-details read:field.default-value read:field.option read:field read:group"),
    answer_keys=(("count", int),),
)
BULK_FETCH_ISSUES = Operation(
    "POST",
    "/rest/api/3/issue/bulkfetch",
    "read issues by key",
    scopes=frozenset({"read:jira-work"}),
    granular=_granular(
        "read:issue-meta read:issue-security-level read:issue.vote read:issue.changelog read:avatar "
        "read:issue read:status read:user read:field-configuration"
    ),
    read_points=lambda data: _count(data, "issues") * _CORE_OBJECT_POINTS,
    answer_keys=(("issues", list),),
    members="issues",
)
FETCH_CHANGELOGS = Operation(
    "POST",
    "/rest/api/3/changelog/bulkfetch",
    "read what was changed",
    scopes=frozenset({"read:jira-work"}),
    granular=_granular("read:issue.changelog read:issue-meta read:avatar"),
    answer_keys=(("issueChangeLogs", list),),
)
LIST_STATUSES = Operation(
    "GET",
    "/rest/api/3/status",
    "list the statuses",
    scopes=frozenset({"read:jira-work"}),
    granular=_granular("read:status"),
    answer=list,
)
LIST_USERS = Operation(
    "GET",
    "/rest/api/3/users/search",
    "list the users",
    scopes=frozenset({"read:jira-user"}),
    granular=_granular("read:application-role read:group read:user read:avatar"),
    answer=list,
    read_points=lambda data: len(data) * _IDENTITY_OBJECT_POINTS,
)
CREATE_ISSUE = Operation(
    "POST",
    "/rest/api/3/issue",
    "create the issue",
    scopes=frozenset({"write:jira-work"}),
    granular=_granular("write:issue write:comment write:comment.property write:attachment read:issue"),
    writes=True,
    creates_issue=True,
    answer_keys=(
        ("id", str),
        ("key", str),
    ),
)
EDIT_ISSUE = Operation(
    "PUT",
    "/rest/api/3/issue/{issueIdOrKey}",
    "update the issue",
    scopes=frozenset({"write:jira-work"}),
    granular=_granular("write:issue"),
    writes=True,
    answer=None,
)
ADD_COMMENT = Operation(
    "POST",
    "/rest/api/3/issue/{issueIdOrKey}/comment",
    "add the comment",
    scopes=frozenset({"write:jira-work"}),
    granular=_granular(
        "read:comment read:comment.property read:group read:project read:project-role read:user "
        "write:comment read:avatar"
    ),
    writes=True,
    answer_keys=(("id", str),),
)
LIST_COMMENTS = Operation(
    "GET",
    "/rest/api/3/issue/{issueIdOrKey}/comment",
    "list the comments",
    scopes=frozenset({"read:jira-work"}),
    granular=_granular(
        "read:comment read:comment.property read:group read:project read:project-role read:user read:avatar"
    ),
    answer_keys=(("comments", list),),
)
FETCH_COMMENTS = Operation(
    "POST",
    "/rest/api/3/comment/list",
    "read comments by id",
    scopes=frozenset({"read:jira-work"}),
    granular=_granular(
        "delete:comment.property read:avatar read:comment read:group read:project-role read:user "
        "read:comment.property read:project"
    ),
    answer_keys=(("values", list),),
)
ADD_WORKLOG = Operation(
    "POST",
    "/rest/api/3/issue/{issueIdOrKey}/worklog",
    "add the worklog",
    scopes=frozenset({"write:jira-work"}),
    granular=_granular(
        "write:issue-worklog write:issue-worklog.property read:avatar read:group read:issue-worklog "
        "read:project-role read:user read:issue-worklog.property"
    ),
    writes=True,
    answer_keys=(("id", str),),
)
LIST_WORKLOGS = Operation(
    "GET",
    "/rest/api/3/issue/{issueIdOrKey}/worklog",
    "list the worklogs",
    scopes=frozenset({"read:jira-work"}),
    granular=_granular(
        "read:group read:issue-worklog read:issue-worklog.property read:project-role read:user read:avatar"
    ),
    answer_keys=(("worklogs", list),),
)
FETCH_WORKLOGS = Operation(
    "POST",
    "/rest/api/3/worklog/list",
    "read worklogs by id",
    scopes=frozenset({"read:jira-work"}),
    granular=_granular(
        "read:comment read:group read:issue-worklog read:issue-worklog.property read:project-role read:user read:avatar"
    ),
    answer=list,
)
ADD_ATTACHMENT = Operation(
    "POST",
    "/rest/api/3/issue/{issueIdOrKey}/attachments",
    "add the attachment",
    scopes=frozenset({"write:jira-work"}),
    granular=_granular("read:user write:attachment read:attachment read:avatar"),
    writes=True,
    answer=list,
    answer_keys=(("id", str),),
    single=True,
    # Without it a form is blocked as a forged request. Source: OpenAPI file, same place.
    headers=(("X-Atlassian-Token", "no-check"),),
)
GET_ATTACHMENT_SETTINGS = Operation(
    "GET",
    "/rest/api/3/attachment/meta",
    "read how large attachments may be",
    scopes=frozenset({"read:jira-work"}),
    granular=_granular("read:instance-configuration"),
)
GET_ATTACHMENT_CONTENT = Operation(
    "GET",
    "/rest/api/3/attachment/content/{id}",
    "download the attachment",
    scopes=frozenset({"read:jira-work"}),
    granular=_granular("read:attachment"),
    read_points=lambda _: _CORE_OBJECT_POINTS,
    answer=bytes,
    headers=(("Accept", "*/*"),),
)
