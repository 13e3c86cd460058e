"""The admin pages of users and grants, agencies and clients."""

from apps.accounts.admin import agencies, reading, users

__all__ = ["agencies", "reading", "users"]
