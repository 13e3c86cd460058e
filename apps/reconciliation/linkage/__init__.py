"""Runs: pairs of records compared in DuckDB, stored, settled, counted and listed."""
