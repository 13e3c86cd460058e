"""How often a secret may be tried and how much of other people's data read; refusals on record."""
