"""Tests of the way from JSON to tables."""
