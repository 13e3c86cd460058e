"""The live board: hazards by urgency, feeds, one hazard with its villages, needs and sources."""
