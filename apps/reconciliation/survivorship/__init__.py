"""Which value of a person's field wins and why, and the sources of each field."""
