"""Learning of a customer, deciding on what is proposed, confirming what is known."""
