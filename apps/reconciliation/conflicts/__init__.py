"""Conflicts between sources: finding them, asking about them, answering, resolving."""
