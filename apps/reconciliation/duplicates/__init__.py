"""Duplicate persons in the register: groups, preview, merging and undoing."""
