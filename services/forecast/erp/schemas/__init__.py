"""ERP systems, references, confirmed orders and plan files over the wire."""
