"""The pages of sources and of deliveries."""
