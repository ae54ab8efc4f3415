"""Page tokens of searches: what was found is remembered, so that its later pages fit the first."""

from __future__ import annotations

import base64
import binascii
import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from vantage_jira_plugin.simulator.messages import JiraRefusal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from vantage_jira_plugin.simulator.site import Site

__all__ = ["PageChain", "PageChains"]

#: How long a token is good, in seconds.
#: Source: https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-issue-search/
_TOKEN_SECONDS = 7 * 86_400
#: Searches that a site remembers. Chosen here.
_CHAINS = 512
#: Source: recorded answer of 2026-10-08.
_INVALID = "The provided next page token is invalid or expired."


@dataclass(frozen=True, slots=True)
class PageChain:
    """What a search found; `name` stands in its tokens, `digest` for whoever asked for what."""

    name: str
    digest: str
    issue_ids: Sequence[int]
    begun_at: float

    def token(self, offset: int) -> str:
        """Return the token of the page that begins at `offset`."""
        return base64.urlsafe_b64encode(f"page:{self.name}:{offset}".encode()).decode()


class PageChains:
    """The chains of one question; `asked` says who asks for what, and tokens of others are refused."""

    def __init__(self, site: Site, asked: str) -> None:
        self._site = site
        self._digest = hashlib.sha256(asked.encode()).hexdigest()

    def begun(self, issue_ids: Sequence[int]) -> PageChain:
        """Remember what a search found, which nobody changes."""
        site = self._site
        chain = PageChain(f"c{site.next_chain()}", self._digest, issue_ids, site.clock())
        site.pages[chain.name] = chain
        while len(site.pages) > _CHAINS:
            site.pages.popitem(last=False)
        return chain

    def found(self, token: str) -> tuple[PageChain, int]:
        """Return the chain and the offset of a token.

        Raises:
            JiraRefusal: not a token of this question, or too old.
        """
        site = self._site
        try:
            kind, name, offset = base64.urlsafe_b64decode(token.encode()).decode().split(":")
        except (ValueError, binascii.Error):
            raise JiraRefusal(400, _INVALID) from None
        chain: PageChain | None = site.pages.get(name)
        if (
            kind != "page"
            or chain is None
            or chain.digest != self._digest
            or site.clock() - chain.begun_at > _TOKEN_SECONDS
            or not (offset.isascii() and offset.isdigit())
        ):
            raise JiraRefusal(400, _INVALID)
        return chain, int(offset)
