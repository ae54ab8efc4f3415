"""Tests of the reference host, with plugins of their own."""
