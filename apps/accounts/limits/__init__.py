"""Limits on tries of secrets and on reading personal data; refused requests are recorded."""
