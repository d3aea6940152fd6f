"""Questions about ERP systems, references, confirmed orders, and what a plan asks of an ERP."""
