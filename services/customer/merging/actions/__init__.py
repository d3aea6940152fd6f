"""What people do: look at what a merge would combine, merge, undo."""
