"""A random life of a site, followed by calls that end anywhere: the copy is the site, and no change is lost."""

from __future__ import annotations

import random

import pytest

from tests.syncing.following import as_copied
from vantage_jira_plugin.simulator.people import Account

_JQL = "project = DEV AND priority != Lowest"
#: Ids of priorities.
_LOWEST, _HIGH = "5", "2"
_ZONES = ("America/St_Johns", "Asia/Kathmandu", "Europe/Berlin", "Pacific/Apia", "UTC")
_STEPS = 60


class _Life:
    """What happens on the site, at random."""

    def __init__(self, sim, chance):
        self._sim = sim
        self._chance = chance
        self.site = sim.site
        self._number = 0

    def _issue(self):
        return self._chance.choice(sorted(self.site.issues.values(), key=lambda issue: issue.id))

    def edit(self):
        self._number += 1
        self.site.change_issue(self._issue(), {"summary": f"Edit {self._number}"}, self.site.default_account_id)

    def leave_or_come(self):
        issue = self._issue()
        other = _HIGH if issue.values["priority"] == _LOWEST else _LOWEST
        self.site.change_issue(issue, {"priority": other}, self.site.default_account_id)

    def create(self):
        self._number += 1
        values = {"issuetype": "10003", "summary": f"New {self._number}"}
        self.site.create_issue(self.site.project("DEV"), values, self.site.default_account_id)

    def delete(self):
        self.site.delete_issue(self._issue())

    def move(self):
        issue = self._issue()
        other = "OPS" if issue.key.startswith("DEV") else "DEV"
        self.site.move_issue(issue, other, self.site.default_account_id)

    def archive(self):
        self.site.archive_issue(self._issue())

    def restore(self):
        self.site.restore_issue(self._issue())

    def hide(self):
        self.site.deny(self.site.default_account_id, "BROWSE_PROJECTS", "OPS")

    def show(self):
        self.site.allow(self.site.default_account_id, "BROWSE_PROJECTS", "OPS")

    def travel(self):
        account = self.site.accounts[self.site.default_account_id]
        zone = self._chance.choice(_ZONES)
        self.site.accounts[account.account_id] = Account(
            account.account_id, account.display_name, account.email_address, zone
        )

    def lag(self):
        self.site.index_lag_seconds = self._chance.choice((0, 0, 20, 400))

    def wait(self):
        self._sim.clock.advance(self._chance.choice((1, 30, 59, 61, 700, 4000, 90_000, 8 * 86_400)))

    def expected(self):
        """Return the issues that the query finds, as the copy has them."""
        return as_copied(
            self.site,
            [
                issue
                for issue in self.site.issues.values()
                if issue.key.startswith("DEV-") and issue.archived_at is None and issue.values["priority"] != _LOWEST
            ],
        )

    def happen(self):
        doings = [self.edit] * 8 + [self.create] * 3 + [self.wait] * 6 + [self.leave_or_come] * 2
        doings += [
            self.delete,
            self.move,
            self.move,
            self.archive,
            self.restore,
            self.hide,
            self.show,
            self.travel,
            self.lag,
        ]
        self._chance.choice(doings)()


@pytest.mark.parametrize("seed", range(12))
def test_the_copy_becomes_the_site(follow, sim, seed):
    """After any life of the site and any calls, lost ones too, a call behind the index's lag makes the copy exact."""
    chance = random.Random(seed)  # noqa: S311 - test data
    life = _Life(sim, chance)
    follower = follow(_JQL, censusEvery=chance.choice(("never", "always", "daily")), confirmDeletions=True)
    for _ in range(_STEPS):
        life.happen()
        if chance.random() < 0.4:
            follower.call(maxRows=chance.choice((1, 2, 3, 7, 1000)), stored=chance.random() < 0.85)
    sim.clock.advance(500)
    follower.all(maxRows=chance.choice((3, 1000)), census=True)
    if chance.random() < 0.5:
        life.edit()
        sim.clock.advance(500)
    follower.all(census=True)
    assert follower.seen() == life.expected()


@pytest.mark.parametrize("seed", range(6))
def test_no_change_waits_for_a_count(follow, sim, seed):
    """Without any count, every change that the index shows has come when a table is complete."""
    chance = random.Random(seed)  # noqa: S311 - test data
    life = _Life(sim, chance)
    follower = follow("project = DEV", censusEvery="never")
    follower.all(maxRows=5)
    for _ in range(_STEPS):
        chance.choice((life.edit, life.edit, life.create, life.travel, life.wait))()
        if chance.random() < 0.3:
            follower.call(maxRows=chance.choice((1, 2, 7)), stored=chance.random() < 0.8)
        if chance.random() < 0.2:
            follower.all(maxRows=3)
            assert follower.seen().items() >= life.expected().items()
