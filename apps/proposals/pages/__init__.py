"""Pages for several steps: the list of batches, one batch, notices."""
