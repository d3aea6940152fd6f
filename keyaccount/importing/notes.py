"""What an import accepted with a remark: said once for a value, not once for each row."""

from collections import Counter
from dataclasses import dataclass, field


@dataclass
class Notes:
    """Remarks with the number of rows each concerns; `row` holds those of the row being read."""

    counts: Counter[tuple[str, str]] = field(default_factory=Counter)
    row: list[str] = field(default_factory=list)

    def begin_row(self) -> None:
        """Forget the last row's remarks."""
        self.row = []

    def add(self, message: str) -> None:
        """Remark something about the row being read."""
        if message not in self.row:
            self.row.append(message)

    def keep(self, kind: str) -> str | None:
        """Count the row's remarks and return them as one text for its outcome."""
        for message in self.row:
            self.counts[kind, message] += 1
        return "; ".join(self.row) or None

    def lines(self) -> list[str]:
        """Return each remark once, with its rows."""
        return [f"{kind}: {message} ({rows:,} rows)" for (kind, message), rows in self.counts.items()]
