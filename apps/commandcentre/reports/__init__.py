"""What goes out about a hazard: situation report (page, PDF) and CAP message."""
