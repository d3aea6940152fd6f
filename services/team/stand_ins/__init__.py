"""Who may act for whom while they are away, recorded as such."""
