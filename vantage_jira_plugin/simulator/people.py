"""Accounts of a site and how Jira shows them. No permissions live here."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Account", "account_details", "account_json"]

#: Sizes of avatars in pixels, in the order in which Jira lists them.
_AVATAR_PIXELS = (48, 24, 16, 32)


@dataclass(frozen=True, slots=True)
class Account:
    """An Atlassian account; `email_address` is None where its owner hides it."""

    account_id: str
    display_name: str
    email_address: str | None = None
    time_zone: str = "Europe/Berlin"
    active: bool = True
    account_type: str = "atlassian"
    locale: str = "en_US"


def _avatars(account: Account) -> dict[str, str]:
    initials = "".join(word[0] for word in account.display_name.split()[:2]).upper()
    # Jira takes avatars from Gravatar by the MD5 of the address; nothing secret hangs on it.
    digest = hashlib.md5(account.account_id.encode(), usedforsecurity=False).hexdigest()
    fallback = quote(
        f"https://avatar-management--avatars.us-west-2.prod.public.atl-paas.net/initials/{initials}-4.png",
        safe="",
    )
    return {f"{size}x{size}": f"https://secure.gravatar.com/avatar/{digest}?d={fallback}" for size in _AVATAR_PIXELS}


def account_details(gateway_url: str, account: Account) -> Mapping[str, Any]:
    """Return the short form that issues, comments and changes carry (`UserDetails`)."""
    details: dict[str, Any] = {
        "self": f"{gateway_url}/rest/api/3/user?accountId={quote(account.account_id, safe='')}",
        "accountId": account.account_id,
        "avatarUrls": _avatars(account),
        "displayName": account.display_name,
        "active": account.active,
        "timeZone": account.time_zone,
        "accountType": account.account_type,
    }
    if account.email_address is not None:
        details["emailAddress"] = account.email_address
    return details


def account_json(gateway_url: str, account: Account, *, full: bool = False) -> dict[str, Any]:
    """Return the form of the user operations (`User`); `full` adds what /myself and /user add."""
    user = dict(account_details(gateway_url, account))
    user["self"] = f"{gateway_url}/rest/api/3/user?accountId={account.account_id}"
    user["locale"] = account.locale
    if full:
        user["groups"] = {"size": 2, "items": []}
        user["applicationRoles"] = {"size": 1, "items": []}
        user["expand"] = "groups,applicationRoles"
    return user
