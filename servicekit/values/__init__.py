"""Plain values: money, dates, ids, kinds of error."""
