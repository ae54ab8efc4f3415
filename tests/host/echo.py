"""A plugin as a third party would write it: it knows the contract and nothing of the host or of Jira."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import parse_qs, urlencode, urlsplit

from vantage_jira_plugin.contract import PluginError, SettingsError, hookimpl

USAGE = {"requests": 1, "points": 2, "retries": 0, "waitedSeconds": 0.5, "cacheHits": 0}


class UnreachableError(PluginError):
    """Its service cannot be reached."""

    code = "network"
    retryable = True


@dataclass(frozen=True)
class EchoConnection:
    settings: dict
    services: object


def _columns(row):
    return [{"name": name, "type": "string", "title": name} for name in row]


def _action(name, properties, required=(), **more):
    return {
        "name": name,
        "title": name.title(),
        "description": f"Does {name}.",
        "group": "echo",
        "inputs": {
            "type": "object",
            "additionalProperties": False,
            "required": list(required),
            "properties": properties,
        },
        "output": {"type": "object", "properties": {"text": {"type": "string"}}},
        "writes": False,
        "destructive": False,
        "scopes": [],
        **more,
    }


class EchoPlugin:
    """Answers with what it was given; `calls` remembers every action."""

    def __init__(self, name="echo"):
        self.name = name
        self.calls = []

    @hookimpl
    def vantage_manifest(self):
        """Describe three actions."""
        text = {"type": "string", "description": "What to say."}
        return {
            "name": self.name,
            "title": "Echo",
            "version": "1",
            "contractVersion": "1",
            "settings": {"type": "object", "properties": {"voice": {"type": "string"}, "loud": {"type": "boolean"}}},
            "actions": [
                _action(
                    "say",
                    {
                        "text": text,
                        "times": {"type": "integer"},
                        "tags": {"type": "array", "items": {"type": "string"}},
                    },
                    ["text"],
                ),
                _action("fail", {"text": text}),
                _action("partly", {}),
            ],
            "oauth": {},
        }

    @hookimpl
    def vantage_configure(self, connector, settings, services):
        """Take any settings but one."""
        if connector != self.name:
            return None
        if settings.get("voice") == "none":
            raise SettingsError("the voice is not usable", errors={"voice": ["must not be none"]}, hint="pick another")
        return EchoConnection(dict(settings), services)

    @hookimpl
    def vantage_authorize(self, connection, redirect_uri):
        """Send the person to the host's endpoint."""
        if connection.settings.get("voice") == "mute":
            text = "the host has no client secret for this client id"
            raise SettingsError(text, errors={"clientId": [text]}, hint="Give the host the app's client secret.")
        query = urlencode({"redirect_uri": redirect_uri, "state": "s1"})
        url = f"{connection.services.endpoints.auth_url}/authorize?{query}"
        return {"url": url, "state": "s1", "expiresAt": "2026-01-01T00:00:00Z"}

    @hookimpl
    def vantage_authorized(self, connection, callback_url, state):
        """Store what came back."""
        query = parse_qs(urlsplit(callback_url).query)
        if query.get("error") or query["state"] != [state]:
            return self._answer(connection, "reconnect")
        credential_id = connection.settings["credentialId"]
        with connection.services.credentials.exclusive(credential_id, timeout_seconds=5) as transaction:
            transaction.save({"accessToken": f"token of {query['code'][0]}", "cloudId": None})
        return self.vantage_authenticate(connection)

    @hookimpl
    def vantage_authenticate(self, connection):
        """Answer by what is stored and by the setting `voice`."""
        record = connection.services.credentials.read(connection.settings["credentialId"])
        if connection.settings.get("voice") == "far":
            raise UnreachableError("the service cannot be reached", hint="try later")
        if record is None and not connection.settings.get("serviceAccount"):
            return self._answer(connection, "reconnect")
        site = connection.settings.get("siteUrl")
        several = connection.settings.get("voice") == "many" and site not in (
            "https://s1.example",
            "https://s2.example",
        )
        return self._answer(connection, "choose_site" if several else "connected")

    @hookimpl
    def vantage_execute_action(self, connection, action, inputs, config, context):
        """Say what was given, fail, or give a part."""
        if not isinstance(connection, EchoConnection):
            return None
        values = {**config, **inputs}
        self.calls.append((action, values, dict(context)))
        if action == "fail":
            return {
                "error": {
                    "code": "forbidden",
                    "message": "this account may not",
                    "action": action,
                    "status": 403,
                    "retryable": False,
                    "retryAfter": 2,
                    "errors": {"text": ["is not liked"]},
                    "hint": "ask an administrator",
                    "traceId": "t1",
                }
            }
        if action not in ("say", "partly"):
            error = {"code": "unknown_action", "message": f"no action {action}", "action": action, "status": None}
            rest = {"retryable": False, "retryAfter": None, "errors": {}, "hint": None, "traceId": None}
            return {"error": {**error, **rest}}
        row = {"text": values.get("text", "some"), "tags": values.get("tags"), "number": len(self.calls)}
        metadata = {
            "action": action,
            "site": None,
            "columns": _columns(row),
            "count": values.get("times", 1),
            "complete": True,
            "usage": dict(USAGE),
            "warnings": [],
        }
        if action == "partly":
            metadata |= {"complete": False, "incompleteReason": "maxRows", "nextPageToken": "p2", "warnings": ["slow"]}
        return {"output1": {"data": [row] * values.get("times", 1), "metadata": metadata}}

    @hookimpl
    def vantage_disconnect(self, connection):
        """Forget the record."""
        credential_id = connection.settings["credentialId"]
        with connection.services.credentials.exclusive(credential_id, timeout_seconds=5) as transaction:
            transaction.delete()
        return True

    def _answer(self, connection, status):
        sites = [
            {"cloudId": f"c{n}", "name": f"Site {n}", "url": f"https://s{n}.example", "scopes": []} for n in (1, 2)
        ]
        return {
            "status": status,
            "cloudId": None,
            "siteName": None,
            "siteUrl": connection.settings.get("siteUrl"),
            "accountId": "a1" if status == "connected" else None,
            "displayName": "Ada" if status == "connected" else None,
            "timeZone": None,
            "scopes": [],
            "tokenExpiry": None,
            "missingScopes": [],
            "sites": sites if status == "choose_site" else [],
            "reason": "no_grant" if status == "reconnect" else None,
            "message": None if status == "connected" else f"it is {status}",
        }
