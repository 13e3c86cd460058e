"""Removals and corrections of registered persons by form: find one, say what changes, send it."""
