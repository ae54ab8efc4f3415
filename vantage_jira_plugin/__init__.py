"""Jira Cloud connector for Vantage: its version, and nothing that takes time to load."""

__all__ = ["__version__"]

__version__ = "0.1.0"
