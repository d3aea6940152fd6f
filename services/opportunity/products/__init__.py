"""The product catalogue: product lines, products, units and list prices."""
