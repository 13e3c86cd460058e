"""How rows arrive: a file, in parts or whole, or one row; columns are matched, doubts asked about.

What is received becomes a batch and the job of its check (`intake`).
"""
