"""Which batch a page is about, who may change it, and what of looking at people is on record."""
