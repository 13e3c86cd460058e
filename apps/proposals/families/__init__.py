"""Where is my family now: each family of a sender with its state, the reason and the next step."""
