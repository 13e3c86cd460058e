"""Proposals returned by review: the reason, changed values, and review again."""
