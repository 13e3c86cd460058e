"""Pockets of extreme poverty: BIG's editions from files, the register's own by computation, where
the two differ, whom the difference is about, and the work-lists that ask the regencies.
"""
