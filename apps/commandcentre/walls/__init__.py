"""Screens on the wall: let in by a code, bound to an address, ended in one click."""
