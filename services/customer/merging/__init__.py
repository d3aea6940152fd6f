"""Merging duplicates: a merged id stands for the survivor, no old record is rewritten, and it can be undone."""
