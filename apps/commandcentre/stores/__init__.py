"""Facilities with their stock: what is below its minimum, what expires, the ledger of each."""
