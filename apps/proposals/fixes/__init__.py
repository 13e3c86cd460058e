"""Rows of a checked batch are changed: by a button for a group, by hand, from a file."""
