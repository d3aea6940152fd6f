"""What is done with a customer: visits, calls, meetings, planned and carried out."""
