"""Who belongs to whom: contacts of a customer, companies of a group."""
