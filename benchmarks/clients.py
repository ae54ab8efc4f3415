"""The clients that are compared, each behind the same four calls. What they are asked to do is not decided here."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.metadata import version
from typing import TYPE_CHECKING, Any, Protocol

from benchmarks.workplace import CREDENTIAL_ID, Access
from tests.memoryhost import MemoryServices, settings_for
from vantage_jira_plugin import plugin
from vantage_jira_plugin.host.application import Host

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from vantage_jira_plugin.contract import ActionEnvelope

#: As many rows as a search of ours may return in one call.
_MOST_ROWS = 100_000


class FailedError(Exception):
    """An action of ours failed; the text is its code and message."""

    def __init__(self, code: str, message: str, retry_after_seconds: float | None) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.retry_after_seconds = retry_after_seconds


class Client(Protocol):
    """What is asked of every client; a call that fails raises whatever the client raises."""

    def read(self, issue_key: str) -> object:
        """Read one issue."""

    def elsewhere(self) -> object:
        """Call another endpoint."""

    def search(self, jql: str, fields: Sequence[str]) -> list[str]:
        """Return the ids of all issues that a query finds, read with these fields."""

    def create(self, project_key: str, summary: str) -> object:
        """Create an issue; where the client has keys for it, the summary is the key."""


# ---- ours -----------------------------------------------------------------------------------


class _Ours:
    """The connector behind a function that runs an action."""

    def __init__(self, execute: Callable[[str, Mapping[str, Any]], ActionEnvelope | None]) -> None:
        self._execute = execute

    def output(self, action: str, **inputs: Any) -> Any:
        """Return the rows and metadata of an action, or raise what it failed with."""
        envelope: Any = self._execute(action, inputs)
        if "error" in envelope:
            error = envelope["error"]
            raise FailedError(error["code"], error["message"], error["retryAfter"])
        return envelope["output1"]

    def read(self, issue_key: str) -> object:
        return self.output("getIssue", issueKey=issue_key)

    def elsewhere(self) -> object:
        return self.output("getAccessibleProjects")

    def search(self, jql: str, fields: Sequence[str]) -> list[str]:
        output = self.output("searchIssues", jql=jql, fields=list(fields), maxRows=_MOST_ROWS)
        if not output["metadata"]["complete"]:
            raise FailedError("complete: false", output["metadata"]["incompleteReason"], None)
        return [row["id"] for row in output["data"]]

    def create(self, project_key: str, summary: str) -> object:
        return self.output(
            "createIssue", projectKey=project_key, issueType="Task", summary=summary, idempotencyKey=summary
        )


def ours(access: Access, *, timeout_seconds: float | None = None, **settings: Any) -> _Ours:
    """Return a connection of the reference host with these settings, whose workers share a database."""
    link = Host.open(access.environ).link(CREDENTIAL_ID, settings)
    context = {} if timeout_seconds is None else {"timeoutSeconds": timeout_seconds}
    return _Ours(lambda action, inputs: link.execute(action, inputs, context))


def _ours_alone(access: Access, count: int) -> Sequence[Client]:
    """Return one connection for all, of a host that keeps the contract and shares nothing beyond this process."""
    services = MemoryServices(access.auth_url, access.api_url, secret=access.client_secret)
    connection = plugin.vantage_configure("jira", settings_for(access.grant, access.client_id), services)
    return [_Ours(lambda action, inputs: plugin.vantage_execute_action(connection, action, inputs, {}, {}))] * count


# ---- peers ----------------------------------------------------------------------------------
# They are imported where they are used: the tests of ours run where they are not installed.


class _Jira:
    """`jira` from PyPI, as its documentation shows it for Cloud.

    Args:
        access: to the site.
        page_size: what to ask pages of, in a loop of one's own; None leaves both to the client.
    """

    def __init__(self, access: Access, page_size: int | None = None) -> None:
        from jira import JIRA  # noqa: PLC0415 - see above

        options: dict[str, Any] = {"rest_api_version": "3"}
        self._jira: Any = JIRA(server=access.site_url, token_auth=access.grant["access_token"], options=options)
        self._page_size = page_size

    def read(self, issue_key: str) -> object:
        return self._jira.issue(issue_key)

    def elsewhere(self) -> object:
        return self._jira.myself()

    def search(self, jql: str, fields: Sequence[str]) -> list[str]:
        if self._page_size is None:
            found = self._jira.enhanced_search_issues(jql, maxResults=False, fields=list(fields))
            return [issue.id for issue in found]
        issues: list[Any] = []
        token = None
        while True:
            page = self._jira.enhanced_search_issues(jql, token, self._page_size, list(fields))
            issues += page
            token = page.nextPageToken
            if not token:
                return [issue.id for issue in issues]

    def create(self, project_key: str, summary: str) -> object:
        return self._jira.create_issue(
            fields={"project": {"key": project_key}, "issuetype": {"name": "Task"}, "summary": summary}
        )


class _Atlassian:
    """`atlassian-python-api` from PyPI: its client for Jira Cloud.

    Args:
        access: to the site.
        page_size: what to ask pages of, in a loop of one's own; None leaves both to the client.
        options: of the client.
    """

    def __init__(self, access: Access, page_size: int | None = None, **options: Any) -> None:
        from atlassian.jira import JiraCloud  # noqa: PLC0415 - see above

        self._jira: Any = JiraCloud(url=access.site_url, token=access.grant["access_token"], **options)
        self._page_size = page_size

    def read(self, issue_key: str) -> object:
        return self._jira.get_issue(issue_key)

    def elsewhere(self) -> object:
        return self._jira.get_current_user()

    def search(self, jql: str, fields: Sequence[str]) -> list[str]:
        if self._page_size is None:
            return [issue["id"] for issue in self._jira.enhanced_jql_get_list_of_tickets(jql, fields=list(fields))]
        issues: list[Any] = []
        token = None
        while True:
            page = self._jira.enhanced_jql(jql, list(fields), nextPageToken=token, limit=self._page_size)
            issues += page["issues"]
            token = page.get("nextPageToken")
            if page.get("isLast") or not token:
                return [issue["id"] for issue in issues]

    def create(self, project_key: str, summary: str) -> object:
        return self._jira.create_issue(
            data={"fields": {"project": {"key": project_key}, "issuetype": {"name": "Task"}, "summary": summary}}
        )


def jira_client(access: Access, page_size: int | None = None) -> Client:
    """Return a client of `jira`, which by itself asks for pages of 100 to read all, or asks for pages of this size."""
    return _Jira(access, page_size)


def atlassian_client(access: Access, page_size: int | None = None) -> Client:
    """Return one of `atlassian-python-api`, which by itself leaves the size to Jira (50), or asks for this one."""
    return _Atlassian(access, page_size)


# ---- all of them ----------------------------------------------------------------------------


@dataclass(frozen=True)
class Kind:
    """A client that is compared.

    Attributes:
        distribution: whose version is shown.
        remark: how it is used, where there is more than one way.
        opened: returns a client for each of so many threads of one process.
    """

    distribution: str
    remark: str
    opened: Callable[[Access, int], Sequence[Client]]

    @property
    def title(self) -> str:
        """Name, version and way of use."""
        return f"{self.distribution} {version(self.distribution)}{self.remark}"


#: By the name that the command line has for them. Peers are used with the retries that they have by default, and
#: `atlassian-python-api` also with those that it offers; each thread has a client of its own.
KINDS: Mapping[str, Kind] = {
    "ours": Kind("vantage-jira-plugin", "", lambda access, count: [ours(access)] * count),
    "ours-alone": Kind("vantage-jira-plugin", ", host shares nothing", _ours_alone),
    "jira": Kind("jira", "", lambda access, count: [_Jira(access) for _ in range(count)]),
    "atlassian": Kind("atlassian-python-api", "", lambda access, count: [_Atlassian(access) for _ in range(count)]),
    "atlassian-backoff": Kind(
        "atlassian-python-api",
        ", `backoff_and_retry=True`",
        lambda access, count: [_Atlassian(access, backoff_and_retry=True) for _ in range(count)],
    ),
}


#: The part of the page about them.
ABOUT = """## Beside other clients

The following figures compare this connector with two others from PyPI, each in worker processes of its own against a
simulator of its own. *Host shares nothing* is this connector in a host that keeps the contract's minimum: no shared
state, so that processes know nothing of each other. The peers are called as their documentation shows it for Jira
Cloud, with the site's address on the gateway and a token that outlives the run:
`JIRA.issue`, `.myself`, `.enhanced_search_issues(maxResults=False)`, `.create_issue` of `jira`;
`JiraCloud.get_issue`, `.get_current_user`, `.enhanced_jql_get_list_of_tickets`, `.create_issue` of
`atlassian-python-api`.
"""


def failure_of(call: Callable[[], object]) -> str | None:
    """Make a call; return the class or code of what it raised, or None where it worked."""
    try:
        call()
    except FailedError as error:
        return error.code
    except Exception as error:  # noqa: BLE001 - whatever a client raises is what is measured
        return type(error).__name__
    return None
