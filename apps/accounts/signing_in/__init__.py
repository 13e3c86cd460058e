"""The pages of signing in, of the second factor and of one's own account."""
