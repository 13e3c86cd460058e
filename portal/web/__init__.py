"""Around the application at the server: bodies, bounds, deadlines, parts of uploads, faults."""
