"""One family by hand: drafts, their sections, the point, remarks while typing, and sending."""
