"""Attachments of issues: added, described, downloaded. How a form is read lives in `multipart`."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

from vantage_jira_plugin.simulator.messages import JiraRefusal, Response
from vantage_jira_plugin.simulator.multipart import read_parts
from vantage_jira_plugin.simulator.part_rendering import attachment_json

from .parameters import PreparedRefusal, boolean
from .route import MULTIPART_MEDIA_TYPE, Route, one_object, read, write

if TYPE_CHECKING:
    from collections.abc import Mapping

    from vantage_jira_plugin.simulator.issues import Attachment, Issue
    from vantage_jira_plugin.simulator.messages import Caller, Request
    from vantage_jira_plugin.simulator.site import Site

__all__ = ["ROUTES"]

#: Header and value without which a form is blocked, and the answer then: plain text.
#: Source: OpenAPI file, POST issue/{issueIdOrKey}/attachments; status and text: MrRefactoring/jira.js#100.
_TOKEN_HEADER = "x-atlassian-token"
_TOKEN_VALUE = "no-check"
_XSRF = Response(403, b"XSRF check failed", {"Content-Type": "text/plain;charset=UTF-8"})
#: Name of the parts that are files, and how many a request may hold. Source: OpenAPI file, same place.
_FILE_FIELD = "file"
_FILES_OF_REQUEST = 60
#: Attachments that an issue holds at most: GET /rest/api/3/issue/limit/report.
_ATTACHMENTS_OF_ISSUE = 2_000
#: Where Jira sends those who download: another host. The rest of the address is made up.
_MEDIA_URL = "https://api.media.atlassian.com/file"
_UNKNOWN_MEDIA_TYPE = "application/octet-stream"
_MISSING = "The attachment with id '{}' does not exist"


def get_settings(site: Site, _request: Request, _caller: Caller, _path: Mapping[str, str]) -> Response:
    """Return whether files may be attached, and how large they may be."""
    return Response(200, {"enabled": site.attachments_enabled, "uploadLimit": site.upload_limit_bytes})


def add_attachments(site: Site, request: Request, caller: Caller, path: Mapping[str, str]) -> Response:
    """Attach the files of a form, all or none."""
    if request.headers.get(_TOKEN_HEADER) != _TOKEN_VALUE:
        raise PreparedRefusal(_XSRF)
    files = _files(request)
    with site.lock:
        issue = site.visible_issue(path["issueIdOrKey"], caller.account_id)
        allowed = site.allowed(caller.account_id, "CREATE_ATTACHMENTS", site.projects[issue.project_id])
        if not allowed or not site.attachments_enabled:
            raise JiraRefusal(403, "You do not have permission to create attachments for this issue.")
        if max(len(content) for _, _, content in files) > site.upload_limit_bytes:
            raise JiraRefusal(413, f"The attachment is larger than {site.upload_limit_bytes} bytes.")
        if len(issue.attachments) + len(files) > _ATTACHMENTS_OF_ISSUE:
            raise JiraRefusal(413, "The number of attachments on this issue is at its limit.")
        added = [
            site.add_attachment(issue, caller.account_id, file_name=name, mime_type=kind, content=content)
            for name, kind, content in files
        ]
        return Response(200, [attachment_json(site, file) for file in added])


def _files(request: Request) -> list[tuple[str, str, bytes]]:
    """Return name, media type and content of the files of a form. The words of refusals are not recorded."""
    try:
        parts = read_parts(request.headers.get("content-type", ""), request.body)
    except ValueError as error:
        raise JiraRefusal(400, f"The form cannot be read: {error}.") from None
    files = [
        (part.file_name, part.media_type or _UNKNOWN_MEDIA_TYPE, part.content)
        for part in parts
        if part.name == _FILE_FIELD and part.file_name
    ]
    if not files or len(files) < len(parts):
        raise JiraRefusal(400, f"Every part of the form must be a file, named '{_FILE_FIELD}'.")
    if len(files) > _FILES_OF_REQUEST:
        raise JiraRefusal(413, f"No more than {_FILES_OF_REQUEST} files can be attached at once.")
    return files


def _found(site: Site, caller: Caller, path: Mapping[str, str]) -> tuple[Issue, Attachment]:
    number = path["id"]
    found = site.find_attachment(int(number)) if number.isascii() and number.isdigit() else None
    if (
        found is None
        or not site.attachments_enabled
        or not site.allowed(caller.account_id, "BROWSE_PROJECTS", site.projects[found[0].project_id])
    ):
        raise JiraRefusal(404, _MISSING.format(number))
    return found


def get_attachment(site: Site, _request: Request, caller: Caller, path: Mapping[str, str]) -> Response:
    """Return what is known of an attachment; here, unlike everywhere else, its id is a number."""
    with site.lock:
        _, file = _found(site, caller, path)
        return Response(200, {**attachment_json(site, file), "id": file.id})


def get_content(site: Site, request: Request, caller: Caller, path: Mapping[str, str]) -> Response:
    """Return the file, or send whoever follows redirects to where it is."""
    redirect = boolean(request, "redirect", default=True)
    with site.lock:
        _, file = _found(site, caller, path)
        if redirect:
            return Response(303, None, {"Location": f"{_MEDIA_URL}/{file.id}/binary"})
        disposition = f"attachment; filename*=UTF-8''{quote(file.file_name, safe='')}"
        return Response(200, file.content, {"Content-Type": file.mime_type, "Content-Disposition": disposition})


ROUTES: tuple[Route, ...] = (
    read("GET", "/attachment/meta", get_settings, granular="read:instance-configuration:jira"),
    read(
        "GET",
        "/attachment/{id}",
        get_attachment,
        granular="read:attachment:jira read:user:jira read:application-role:jira read:avatar:jira read:group:jira",
        objects=one_object,
    ),
    read("GET", "/attachment/content/{id}", get_content, granular="read:attachment:jira", objects=one_object),
    write(
        "POST",
        "/issue/{issueIdOrKey}/attachments",
        add_attachments,
        granular="read:user:jira write:attachment:jira read:attachment:jira read:avatar:jira",
        media_type=MULTIPART_MEDIA_TYPE,
    ),
)
