"""Users, agencies and their API clients, and the grants of a role in a region to them."""

from apps.accounts.models.agency import Agency, Client
from apps.accounts.models.grant import Grant, GrantQuerySet, TstzRange
from apps.accounts.models.read_count import ReadCount
from apps.accounts.models.user import User, UserManager, UserQuerySet

__all__ = [
    "Agency",
    "Client",
    "Grant",
    "GrantQuerySet",
    "ReadCount",
    "TstzRange",
    "User",
    "UserManager",
    "UserQuerySet",
]
