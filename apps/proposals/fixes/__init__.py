"""Changes of rows of a checked batch: by a button for a group, by hand, or from a file."""
