"""Company names in Chinese, and in Chinese on one side and Latin letters on the other: keys, comparison, conflicts."""
