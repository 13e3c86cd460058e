"""The civil register's answers about endorsed proposals.

`civil_check` stores the answers, `asking` requests them.
"""
