"""Receiving rows: a file (whole or in parts) or one row. The sender matches columns and confirms
what looks wrong.

What is received becomes a batch and the job that checks it (`intake`).
"""
