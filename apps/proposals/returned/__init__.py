"""Rows that came back from review: the reason, other values, and into review again."""
