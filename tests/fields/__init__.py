"""Tests of field metadata."""
