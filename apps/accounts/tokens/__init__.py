"""OAuth2 for agencies' clients: client credentials only."""
