"""Who looks after which customer, by rules: what territories will say in more detail, asked in the same way."""
