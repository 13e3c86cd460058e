"""Server layers around the application: bodies, bounds, deadlines, parts of uploads, faults."""
