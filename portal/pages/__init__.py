"""Pages that belong to no single app: dashboard, help, status, what waits for a person."""
