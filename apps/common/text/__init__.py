"""Text that people write: characters, headings, names of persons, numbers of identity, days."""
