"""How rows arrive: a file, in parts or whole, or one row; its columns are matched, and its doubts asked about.

What is received becomes a batch and the job of its check (`intake`).
"""
