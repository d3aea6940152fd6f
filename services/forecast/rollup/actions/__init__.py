"""What people do with records: gather, adjust, submit, return, approve, and look at them."""
