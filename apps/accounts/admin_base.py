"""The base class of every admin page, under the name that the apps above import."""

from apps.audit.admin_base import ScopedAdmin, ScopedInline, Verb, scope_of

__all__ = ["ScopedAdmin", "ScopedInline", "Verb", "scope_of"]
