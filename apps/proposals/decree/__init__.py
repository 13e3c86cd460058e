"""Decrees of the Minister: accepted proposals enter the register; the annex is written."""
