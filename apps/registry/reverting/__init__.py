"""Bringing the register back to its state before one Change (docs/adr/0031)."""
