"""Sessions, second factors, rules of passwords, browsers that are known. No pages."""
