"""How a site is set up: accounts, catalogues, fields, projects, permissions. No issues live here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .fields import Field, custom_field, system_fields

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from .catalogue import (
        IssueType,
        LinkType,
        Option,
        Priority,
        Project,
        Resolution,
        Sprint,
        Status,
        Team,
    )
    from .people import Account

__all__ = ["SiteSetup"]

#: Comments of an issue's own field at most. Chosen here; Jira does not say where it cuts them.
EMBEDDED_COMMENTS = 100


class SiteSetup:
    """What an administrator has made of a site.

    Attributes:
        embedded_comments: how many comments an issue's own field holds at most.
        default_account_id: who connects unless a test says otherwise.
    """

    def __init__(self) -> None:
        self.embedded_comments = EMBEDDED_COMMENTS
        self.default_account_id = ""
        self.accounts: dict[str, Account] = {}
        self.groups: dict[str, frozenset[str]] = {}
        self.statuses: dict[str, Status] = {}
        self.priorities: dict[str, Priority] = {}
        self.default_priority_id: str | None = None
        self.resolutions: dict[str, Resolution] = {}
        self.issue_types: dict[str, IssueType] = {}
        self.link_types: dict[str, LinkType] = {}
        self.sprints: dict[int, Sprint] = {}
        self.teams: dict[str, Team] = {}
        self.fields: dict[str, Field] = {field.id: field for field in system_fields()}
        self.projects: dict[str, Project] = {}
        self._denied: set[tuple[str, str, str]] = set()

    def project(self, id_or_key: str, account_id: str | None = None) -> Project | None:
        """Return the project, or None where there is none or the account may not see it."""
        found = self.projects.get(id_or_key)
        if found is None:
            wanted = id_or_key.upper()
            found = next((project for project in self.projects.values() if project.key == wanted), None)
        if found is None or (account_id and not self.allowed(account_id, "BROWSE_PROJECTS", found)):
            return None
        return found

    def visible_projects(self, account_id: str) -> list[Project]:
        """Return the projects that the account may browse, by key."""
        seen = (project for project in self.projects.values() if self.allowed(account_id, "BROWSE_PROJECTS", project))
        return sorted(seen, key=lambda project: project.key)

    def option(self, option_id: str, field: Field) -> Option | None:
        """Return the option of a select field."""
        return next((option for option in field.options if option.id == option_id), None)

    def fields_of(self, project_id: str) -> Iterator[Field]:
        """Return the fields that issues of the project have."""
        return (field for field in self.fields.values() if field.project_ids is None or project_id in field.project_ids)

    def add_field(
        self, name: str, kind: str, projects: Iterable[Project] | None = None, *, options: tuple[Option, ...] = ()
    ) -> Field:
        """Add a custom field of a kind (`fields.FIELD_KINDS`) to all projects, or to some."""
        number = 1 + max((field.number for field in self.fields.values()), default=0)
        project_ids = None if projects is None else frozenset(project.id for project in projects)
        field = custom_field(number, name, kind, options=options, project_ids=project_ids)
        self.fields[field.id] = field
        return field

    def setup(self) -> tuple[object, ...]:
        """Return what issues show of how the site is set up; equal as long as nothing of that is changed."""
        tables: tuple[Mapping[Any, object], ...] = (
            self.accounts,
            self.statuses,
            self.priorities,
            self.resolutions,
            self.issue_types,
            self.link_types,
            self.sprints,
            self.teams,
            self.fields,
            self.projects,
        )
        return (self.embedded_comments, *(tuple(table.values()) for table in tables))

    def deny(self, account_id: str, permission: str, project_key: str) -> None:
        """Take a project permission (`BROWSE_PROJECTS`, `CREATE_ISSUES`, ...) from an account."""
        project = self.project(project_key)
        if project is None:
            raise KeyError(project_key)
        self._denied.add((account_id, permission, project.id))

    def allow(self, account_id: str, permission: str, project_key: str) -> None:
        """Give back what `deny` took."""
        project = self.project(project_key)
        if project is None:
            raise KeyError(project_key)
        self._denied.discard((account_id, permission, project.id))

    def allowed(self, account_id: str, permission: str, project: Project) -> bool:
        """Return whether the account has a project permission."""
        return (account_id, permission, project.id) not in self._denied
