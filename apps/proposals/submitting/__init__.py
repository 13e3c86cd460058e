"""Submitting a batch for review: the villages' evidence, the calendar, the rows that are moved."""
