"""Pages over several steps: the first page and the pages of runs."""
