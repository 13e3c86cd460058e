"""Runs: comparing records in DuckDB, storing the pairs, their statuses, counts and lists."""
