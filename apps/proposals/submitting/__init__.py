"""A batch goes into review: its villages' evidence, the calendar's days, and which rows go."""
