"""What goes out about a hazard: situation report (page, PDF), tables, GeoJSON, CAP."""
