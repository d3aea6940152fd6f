"""Signing in from browsers: a page for name and password, a code for it, tokens for the code (OAuth 2.1, PKCE)."""
