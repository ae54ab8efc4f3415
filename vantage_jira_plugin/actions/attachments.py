"""Actions about the attachments of an issue."""

from __future__ import annotations

from http import HTTPStatus
from mimetypes import MimeTypes
from typing import TYPE_CHECKING, Any

from marshmallow import Schema, validates_schema

from vantage_jira_plugin.envelope import Table
from vantage_jira_plugin.errors import ForbiddenError, InputError
from vantage_jira_plugin.operations import (
    ADD_ATTACHMENT,
    GET_ATTACHMENT_CONTENT,
    GET_ATTACHMENT_SETTINGS,
    GET_ISSUE,
    MYSELF,
)
from vantage_jira_plugin.reading.attachments import ATTACHMENT_COLUMNS, attachment_row
from vantage_jira_plugin.schemas import Base64, Text
from vantage_jira_plugin.upload import Upload
from vantage_jira_plugin.writing.attachments import AttachmentFinder

from . import _inputs
from ._action import ActionGroup
from ._projects import only_allowed_issue

if TYPE_CHECKING:
    from collections.abc import Mapping

    from vantage_jira_plugin.client import JiraClient

group = ActionGroup("attachments")

#: Largest file, bytes. Chosen here: it travels inside the inputs, and is kept in memory.
_MAX_BYTES = 20 * 1024 * 1024
_MAX_NAME_LENGTH = 255
#: A name without what separates folders, or ends a name in a form. The names of folders themselves are none.
_NAME = r'(?!\.{1,2}$)[^/\\"]+'
#: Source: https://www.rfc-editor.org/rfc/rfc6838#section-4.2
_MIME_TYPE = r"[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]{0,126}/[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]{0,126}"
#: Name of the form's field. Source: OpenAPI file, POST issue/{issueIdOrKey}/attachments.
_PART = "file"


class AddAttachmentInputs(Schema):
    """Inputs of addAttachment."""

    issue_key = _inputs.issue_key()
    file_name = Text(
        required=True,
        max_length=_MAX_NAME_LENGTH,
        pattern=_NAME,
        right='the name of a file, without folders and without /, \\ or "',
        data_key="fileName",
        metadata={"description": "Name of the file, without folders.", "examples": ["report.txt"]},
    )
    text = Text(
        max_length=_MAX_BYTES,
        lines=True,
        data_key="text",
        metadata={"description": "Content of a text file, which is written in UTF-8; this or contentBase64."},
    )
    content_base64 = Base64(
        max_bytes=_MAX_BYTES,
        data_key="contentBase64",
        metadata={"description": "Content of any file, in base64; this or text."},
    )
    mime_type = Text(
        max_length=255,
        pattern=_MIME_TYPE,
        right="a media type such as image/png",
        data_key="mimeType",
        metadata={
            "description": "Media type of the file; by default what its name says.",
            "examples": ["image/png"],
        },
    )
    idempotency_key = _inputs.idempotency_key()

    @validates_schema
    def _one_content(self, data: Mapping[str, Any], **_: Any) -> None:
        _inputs.exactly_one(data, text="text", content_base64="contentBase64")


@group.action(
    "addAttachment",
    title="Add attachment",
    inputs=AddAttachmentInputs,
    operations=[GET_ATTACHMENT_SETTINGS, ADD_ATTACHMENT],
    lookups=[GET_ISSUE, MYSELF, GET_ATTACHMENT_CONTENT],
    columns=ATTACHMENT_COLUMNS,
    guard=only_allowed_issue,
)
def add_attachment(
    jira: JiraClient,
    *,
    issue_key: str,
    file_name: str,
    text: str | None,
    content_base64: bytes | None,
    mime_type: str | None,
    idempotency_key: str | None,
) -> Table:
    """Attach one file to an issue and return what Jira knows of it.

    An idempotency key makes one attachment, however often and by however many workers the action is called with it.
    Attachments have no properties to carry it: after a lost answer, a file of the same name, content and author that
    was added meanwhile is the one.

    Raises:
        InputError: the file is larger than the site takes; nothing was sent.
        ForbiddenError: this account, or nobody at this site, may attach files.
        NotFoundError: no such issue, or this account may not see it.
        WriteUnderWayError: another worker is adding it, for longer than this call can wait.
        UnknownOutcomeError: no readable answer came, and the attachment was not found; it may exist.

    Source: POST /rest/api/3/issue/{issueIdOrKey}/attachments
    """
    if text is None:
        name, content, usual = "contentBase64", content_base64 or b"", "application/octet-stream"
    else:
        name, content, usual = "text", text.encode(), "text/plain"
    upload = Upload(_PART, file_name, content, mime_type or _mime_type(file_name) or usual)
    _check(jira, len(content), name)
    finder = None if idempotency_key is None else AttachmentFinder(jira, issue_key, idempotency_key, upload)
    attachment = jira.write(
        ADD_ATTACHMENT,
        {"issueIdOrKey": issue_key},
        body=upload,
        finder=finder,
        inputs={**upload.described(), "sha256": upload.sha256},
    )
    if finder is not None and "filename" not in attachment:  # known from an earlier call
        attachment = _as_it_is(jira, finder, attachment)
    return Table(ATTACHMENT_COLUMNS, [attachment_row(attachment, issue_key, jira.site_url)])


def _mime_type(file_name: str) -> str | None:
    """Return the media type that a name says, the same on every machine; None for unknown and packed files."""
    kind, encoding = MimeTypes().guess_type(file_name)
    return kind if encoding is None else None


def _check(jira: JiraClient, size_bytes: int, name: str) -> None:
    """Make sure that the site takes a file of this size.

    Raises:
        InputError: it is too large.
        ForbiddenError: the site takes none.

    Source: GET /rest/api/3/attachment/meta, `{"enabled", "uploadLimit": bytes}`
    """
    settings = jira.call(GET_ATTACHMENT_SETTINGS)
    if settings.get("enabled") is False:
        raise ForbiddenError(
            "could not add the attachment: attachments are switched off at this site",
            status=HTTPStatus.OK,
            method=GET_ATTACHMENT_SETTINGS.method,
            path=GET_ATTACHMENT_SETTINGS.template,
            hint="Ask a Jira administrator to switch attachments on.",
        )
    limit = settings.get("uploadLimit")
    if isinstance(limit, int) and size_bytes > limit:
        what = f"is a file of {size_bytes:,} bytes; this site takes {limit:,} at most"
        raise InputError(
            f"addAttachment cannot run: {name} {what}",
            errors={name: [what]},
            hint="Send a smaller file, or ask a Jira administrator to raise the limit of attachments.",
        )


def _as_it_is(jira: JiraClient, finder: AttachmentFinder, known: dict[str, Any]) -> dict[str, Any]:
    """Return an attachment that was made before as it is now; it may have been deleted since."""
    attachment = next((one for one in finder.listed() if one.get("id") == known["id"]), None)
    if attachment is None:
        jira.warnings.append("the attachment is not there any more, or is not to be seen")
    return attachment or known
