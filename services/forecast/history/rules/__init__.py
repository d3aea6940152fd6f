"""Between two instants: what moved, in parts that add up, and its picture."""
