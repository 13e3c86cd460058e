"""The admin pages of users and grants, agencies and clients."""

from apps.accounts.admin import agency_pages, reading, user_pages

__all__ = ["agency_pages", "reading", "user_pages"]
