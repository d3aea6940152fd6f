"""What a check of the audit trail finds."""

from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

MOST_FAULTS = 20
"""Of one service; whoever has this many does not need more to know."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is not as it was written, and where."""

    what: str
    aggregate: str | None = None
    aggregate_id: UUID | None = None
    sequence: int | None = None
    id: int | None = None
    checkpoint: int | None = None

    def place(self) -> str:
        """Return where it is, for people."""
        parts = []
        if self.aggregate:
            parts.append(f"{self.aggregate} {self.aggregate_id}")
        if self.sequence is not None:
            parts.append(f"sequence {self.sequence}")
        if self.id is not None:
            parts.append(f"id {self.id}")
        if self.checkpoint is not None:
            parts.append(f"checkpoint {self.checkpoint}")
        return ", ".join(parts)


@dataclass(slots=True)
class Report:
    """How much of a service's trail was looked at, and what was found."""

    service: str
    rows: int = 0
    chains: int = 0
    checkpoints: int = 0
    signed_until: datetime | None = None
    unsigned_rows: int = 0
    seconds: float = 0.0
    faults: list[Fault] = field(default_factory=list)

    @property
    def is_full(self) -> bool:
        """Whether enough faults are known."""
        return len(self.faults) >= MOST_FAULTS

    def add(self, what: str, **place: Any) -> None:
        """Note a fault."""
        if not self.is_full:
            self.faults.append(Fault(what, **place))

    def as_json(self) -> dict[str, Any]:
        """Return what `--json` prints."""
        faults = [{"service": self.service, **asdict(fault)} for fault in self.faults]
        return {
            "service": self.service,
            "ok": not self.faults,
            "rows": self.rows,
            "chains": self.chains,
            "checkpoints": self.checkpoints,
            "signed_until": self.signed_until,
            "unsigned_rows": self.unsigned_rows,
            "seconds": round(self.seconds, 3),
            "first_fault": faults[0] if faults else None,
            "faults": faults,
        }
