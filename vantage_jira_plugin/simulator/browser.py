"""The person's browser at the consent page: opens it, answers it, says where it was sent. Follows none."""

from __future__ import annotations

import http.client
from html.parser import HTMLParser
from typing import TYPE_CHECKING
from urllib.parse import urlencode, urlsplit

if TYPE_CHECKING:
    from collections.abc import Collection

__all__ = ["consent"]

#: Patience with the page, seconds.
TIMEOUT_SECONDS = 10.0


class _Form(HTMLParser):
    """The fields of the page's only form."""

    def __init__(self) -> None:
        super().__init__()
        self.hidden: dict[str, str] = {}
        self.sites: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Collect hidden fields and site boxes."""
        values = {name: value or "" for name, value in attrs}
        if tag == "input" and values.get("type") == "hidden":
            self.hidden[values["name"]] = values["value"]
        if tag == "input" and values.get("name") == "site":
            self.sites.append(values["value"])


def consent(authorize_url: str, *, accept: bool, cloud_ids: Collection[str] | None) -> str:
    """Answer the consent page and return the URL that the browser is sent to.

    Args:
        authorize_url: what the app wants opened.
        accept: Accept or Cancel.
        cloud_ids: sites to leave picked; None for all.

    Raises:
        ValueError: the page refuses the request; its text is in the message.
    """
    parts = urlsplit(authorize_url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=TIMEOUT_SECONDS)
    try:
        connection.request("GET", f"{parts.path}?{parts.query}")
        answer = connection.getresponse()
        page = answer.read().decode()
        if answer.status == http.HTTPStatus.OK:
            form = _Form()
            form.feed(page)
            sites = [site for site in form.sites if cloud_ids is None or site in cloud_ids]
            fields = {**form.hidden, "site": sites, "decision": "accept" if accept else "cancel"}
            body = urlencode(fields, doseq=True)
            headers = {"Content-Type": "application/x-www-form-urlencoded"}
            connection.request("POST", parts.path, body, headers)
            answer = connection.getresponse()
            page = answer.read().decode()
        location = answer.getheader("Location")
        if location is None:
            raise ValueError(f"the consent page answered {answer.status}: {page}")
        return location
    finally:
        connection.close()
