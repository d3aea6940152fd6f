"""The built-in issuer: passwords in, signed tokens out."""
