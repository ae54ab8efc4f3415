"""The links of an issue as Jira answers them to flat rows, from their source to their target. No HTTP, no paging."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .foreign import confined_link
from .rows import browse_url
from .shapes import id_of, inside, key_of
from .values import text

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from vantage_jira_plugin.contract import Column

__all__ = ["LINK_COLUMNS", "LINK_FIELDS", "link_row", "links_of"]

#: The fields of an issue that its links are made of.
LINK_FIELDS = ("summary", "status", "issuelinks")
#: The columns of a link, in order.
LINK_COLUMNS: tuple[Column, ...] = (
    {"name": "id", "type": "string", "title": "Id"},
    {"name": "type", "type": "string", "title": "Type"},
    {"name": "typeId", "type": "string", "title": "Type id"},
    {"name": "phrase", "type": "string", "title": "Source to target"},
    {"name": "sourceId", "type": "string", "title": "Source id"},
    {"name": "sourceKey", "type": "string", "title": "Source key"},
    {"name": "sourceUrl", "type": "string", "title": "URL of the source"},
    {"name": "sourceSummary", "type": "string", "title": "Source summary"},
    {"name": "sourceStatus", "type": "string", "title": "Source status"},
    {"name": "targetId", "type": "string", "title": "Target id"},
    {"name": "targetKey", "type": "string", "title": "Target key"},
    {"name": "targetUrl", "type": "string", "title": "URL of the target"},
    {"name": "targetSummary", "type": "string", "title": "Target summary"},
    {"name": "targetStatus", "type": "string", "title": "Target status"},
)
_SUMMARY = inside("fields", "summary")
_STATUS = inside("fields", "status")
_LINKS = inside("fields", "issuelinks")
_PHRASE = inside("outward")


def links_of(issue: Mapping[str, Any], may_tell: Callable[[str], bool]) -> list[dict[str, Any]]:
    """Return the links that an issue shows.

    Args:
        issue: Jira's JSON of the issue.
        may_tell: whether what an issue of a project is about may be told; else nothing but its key and id is left.
    """
    links = _LINKS(issue)
    found = (link for link in links if isinstance(link, dict)) if isinstance(links, list) else ()
    return [confined_link(link, may_tell) for link in found]


def link_row(link: Mapping[str, Any], issue: Mapping[str, Any], site_url: str | None) -> dict[str, Any]:
    """Return a link of an issue as a row; both its issues have the same row of it, which reads `A blocks B`.

    Shape of a link: `{"id", "type": {"id", "name", "outward", "inward"}, "outwardIssue": {"id", "key", "fields"}}` or
    with `inwardIssue`: the issue is the source of the former, and the target of the latter.

    Source: https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-issue-links/
    """
    outward = isinstance(link.get("outwardIssue"), dict)
    other = link.get("outwardIssue" if outward else "inwardIssue")
    source, target = (issue, other) if outward else (other, issue)
    kind = link.get("type")
    return {
        "id": id_of(link),
        "type": text(kind),
        "typeId": id_of(kind),
        "phrase": text(_PHRASE(kind)) or text(kind),
        **_end("source", source, site_url),
        **_end("target", target, site_url),
    }


def _end(side: str, issue: object, site_url: str | None) -> dict[str, Any]:
    """Return the columns of an issue at one end of a link."""
    key = key_of(issue)
    return {
        f"{side}Id": id_of(issue),
        f"{side}Key": key,
        f"{side}Url": browse_url(site_url, key),
        f"{side}Summary": text(_SUMMARY(issue)),
        f"{side}Status": text(_STATUS(issue)),
    }
