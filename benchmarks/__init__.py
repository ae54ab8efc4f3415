"""Benchmarks: each compares side by side in one run; `run` writes docs/benchmarks.md."""
