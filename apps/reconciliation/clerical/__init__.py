"""People answer which pairs are one person: the queue, two records side by side, the weights."""
