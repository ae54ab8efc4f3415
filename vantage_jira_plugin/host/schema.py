"""The host's tables. What rows mean is the stores' business; where they are kept, the database's."""

from __future__ import annotations

import sqlalchemy as sa

__all__ = ["credentials", "metadata", "plugins", "shared_state", "usage"]

metadata = sa.MetaData()

#: One row per credential; `sealed` is the record, NULL before the first consent, `version` counts its changes.
credentials = sa.Table(
    "credentials",
    metadata,
    sa.Column("credential_id", sa.Text, primary_key=True),
    sa.Column("connector", sa.Text, nullable=False),
    sa.Column("service_id", sa.Text, nullable=False),
    sa.Column("client_id", sa.Text, nullable=False),
    sa.Column("settings", sa.JSON, nullable=False),
    sa.Column("sealed", sa.Text),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("created_at", sa.Float, nullable=False),
    sa.Column("updated_at", sa.Float, nullable=False),
)

#: One row per plugin an administrator has touched; a plugin without a row is enabled.
plugins = sa.Table(
    "plugins",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("enabled", sa.Boolean, nullable=False),
    sa.Column("settings", sa.JSON, nullable=False),
)

#: One row per value that workers share. NULL stands for one that was forgotten; its row stays for a while, so that
#: versions go on where they were. `keep_until` is epoch seconds.
shared_state = sa.Table(
    "shared_state",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("value", sa.JSON(none_as_null=True)),
    sa.Column("version", sa.BigInteger, nullable=False),
    sa.Column("keep_until", sa.Float, nullable=False),
    sqlite_with_rowid=False,
)

#: What calls cost, added up per key. `hour` is the epoch second at which the hour began; in a key, an empty text
#: stands for what a call did not have.
usage = sa.Table(
    "usage",
    metadata,
    sa.Column("hour", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("client_id", sa.Text, primary_key=True),
    sa.Column("cloud_id", sa.Text, primary_key=True),
    sa.Column("credential_id", sa.Text, primary_key=True),
    sa.Column("action", sa.Text, primary_key=True),
    sa.Column("run_id", sa.Text, primary_key=True),
    sa.Column("priority", sa.Text, primary_key=True),
    sa.Column("site", sa.Text),
    sa.Column("calls", sa.Integer, nullable=False),
    sa.Column("failures", sa.Integer, nullable=False),
    sa.Column("requests", sa.Integer, nullable=False),
    sa.Column("points", sa.Integer, nullable=False),
    sa.Column("retries", sa.Integer, nullable=False),
    sa.Column("waited_seconds", sa.Float, nullable=False),
    # A run's budget is asked for before each of its calls.
    sa.Index("usage_of_run", "client_id", "run_id"),
    sqlite_with_rowid=False,
)
