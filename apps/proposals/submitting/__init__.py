"""A batch goes into review: its villages' evidence, the calendar's cut-off days, and which rows go."""
