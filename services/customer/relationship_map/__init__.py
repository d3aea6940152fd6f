"""The map of a customer's people: who reports to whom, who influences whom, who of ours knows them."""
