"""Shared by the pages of all apps: permissions, forms, fragments and typed requests."""
