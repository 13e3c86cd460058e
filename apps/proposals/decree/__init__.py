"""The Minister's decree: accepted proposals enter the register; the annex is written."""
