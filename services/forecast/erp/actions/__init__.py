"""What is done with ERP systems, references and confirmed orders."""
