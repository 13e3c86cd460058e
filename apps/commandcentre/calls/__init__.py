"""Whom to call first for a village, and the log of the calls."""
