"""The checks of a batch: staging, named statements, findings, verdicts of points.

`batch_check` is the way of a whole batch; `stored_rows` judges rows that are stored already.
"""
