"""Sessions, second factors, password rules and known browsers. No pages."""
