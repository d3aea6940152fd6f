"""After the period: how far what was forecast lay from what was won, and what own past bias suggests."""
