"""The checks of a batch: staging, named statements, findings, verdicts of points.

`batch_check` checks a whole batch; `stored_rows` checks rows that are already stored.
"""
