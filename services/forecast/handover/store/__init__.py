"""Questions about hand-overs: who may see them, what was answered, and what is to be opened, ended and told."""
