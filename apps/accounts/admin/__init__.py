"""The admin pages of users and grants, agencies and clients."""

from apps.accounts.admin import agencies, users

__all__ = ["agencies", "users"]
