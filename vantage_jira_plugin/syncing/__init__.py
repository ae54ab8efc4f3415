"""Incremental reading of issues: what changed since a state, and the next state. It knows no action and no envelope."""
