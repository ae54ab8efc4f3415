"""Which link targets are written to Jira and printed as links. No parsing of markdown or ADF."""

from __future__ import annotations

import re

#: Targets that become links: absolute web, file transfer, mail and telephone addresses, paths of the site and
#: anchors. The schema takes any text and Jira shows more schemes than these; this narrow list leaves text such
#: as `<std::string>`, `[INFO]: started` and `[x](javascript:...)` what it is, text.
_ACCEPTED = re.compile(r"(?:https?://|ftps?://|mailto:|tel:|/|#)[^\s\x00-\x1f]", re.IGNORECASE)

#: Addresses that an autolink `<...>` reproduces character by character.
_PLAIN_ADDRESS = re.compile(
    r"https?://[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?(?::[0-9]{1,5})?"
    r"(?:[/?#](?:[A-Za-z0-9./?=#:&,@+~_-]|%[0-9A-Fa-f]{2})*)?"
)


def is_accepted(href: str) -> bool:
    """Tell whether a target may become a link."""
    return _ACCEPTED.match(href.strip()) is not None


def is_plain_address(href: str) -> bool:
    """Tell whether `<href>` reads back as exactly this link with this text."""
    return _PLAIN_ADDRESS.fullmatch(href) is not None
