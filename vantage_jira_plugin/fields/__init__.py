"""What a Jira field is: its metadata and its names. No HTTP and no values of issues."""

from __future__ import annotations
