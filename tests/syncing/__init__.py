"""Tests of the room that keeps copies of issues up to date."""
