"""Persons of the register that are one: groups, what merging would do, merging and undoing."""
