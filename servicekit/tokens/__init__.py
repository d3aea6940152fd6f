"""Access tokens: whose keys count, and what a token that they sign says (RFC 8725). Gateway and services share it."""
