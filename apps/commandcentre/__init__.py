"""The command centre: hazards come in, who is affected, and from where enough help can come."""
