"""The form for one family: drafts, their sections, the point, remarks while typing, submission."""
