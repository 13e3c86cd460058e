"""Who is on duty, and what one shift leaves to the next."""
