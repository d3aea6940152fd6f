"""Jobs: work that goes on after its request was answered, in chunks, each committed with its progress."""
