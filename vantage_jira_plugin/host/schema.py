"""The host's tables. What rows mean is the stores' business; where they are kept, the database's."""

from __future__ import annotations

import sqlalchemy as sa

__all__ = ["credentials", "metadata", "plugins"]

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
