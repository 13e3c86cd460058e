"""The formats of numbers and days, by language."""
