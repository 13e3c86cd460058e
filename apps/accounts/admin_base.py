"""The base of every admin page, by the name under which the apps above know it."""

from apps.audit.admin_base import ScopedAdmin, ScopedInline, Verb, scope_of

__all__ = ["ScopedAdmin", "ScopedInline", "Verb", "scope_of"]
