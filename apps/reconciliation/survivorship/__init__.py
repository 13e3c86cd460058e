"""Which value of a person's field wins and why, and each field's sources."""
