"""Routes, problems, pages, ETags: how a service answers."""
