"""What a source is, who keeps it, and who forecasts in its name."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from servicekit.values.errors import Conflict, NotAllowed, RuleViolated


class SourceKind(StrEnum):
    """Where the figures come from: channels sell (distributor, store), the others know of the market."""

    DISTRIBUTOR = "distributor"
    STORE = "store"
    MARKET_RESEARCH = "market_research"
    WEB_SHOP = "web_shop"
    STATISTICS = "statistics"


CHANNELS = frozenset({SourceKind.DISTRIBUTOR, SourceKind.STORE})


@dataclass(frozen=True, slots=True)
class Source:
    """A named source of a business unit; a closed one forecasts no more and is compared with no more."""

    id: UUID
    version: int
    business_unit_id: UUID
    name: str
    kind: str
    responsible_id: UUID | None
    external_system: str | None
    external_id: str | None
    created_at: datetime
    closed_at: datetime | None

    @property
    def is_channel(self) -> bool:
        """Whether it sells what it forecasts."""
        return self.kind in CHANNELS

    @property
    def is_open(self) -> bool:
        """Whether it still forecasts."""
        return self.closed_at is None


class SourceNameTaken(Conflict):
    """The unit has an open source of that name."""

    code = "forecast_source_name_taken"

    def __init__(self) -> None:
        super().__init__("The unit has an open source of this name: use that one, or another name.", field="/name")


class SourceReferenceTaken(Conflict):
    """Another source has this reference."""

    code = "forecast_source_reference_taken"

    def __init__(self) -> None:
        super().__init__("Another source has this external reference.", field="/external_reference")


class SourceClosed(Conflict):
    """The source is closed."""

    code = "forecast_source_closed"

    def __init__(self) -> None:
        super().__init__("This source is closed: it neither changes nor forecasts any more; create another.")


class UnitUnknown(RuleViolated):
    """The org chart has no such business unit."""

    code = "business_unit_unknown"

    def __init__(self) -> None:
        super().__init__("The org chart has no such business unit.", field="/business_unit_id")


class ResponsibleUnknown(RuleViolated):
    """Who is to be responsible is nobody active of the org chart."""

    code = "responsible_unknown"

    def __init__(self) -> None:
        super().__init__("Name an active person or machine client of the org chart.", field="/responsible_id")


class SourceMoved(RuleViolated):
    """A source stays with its unit: what it forecast was for that one."""

    code = "forecast_source_moved"

    def __init__(self) -> None:
        super().__init__(
            "A source stays with its business unit: close it and create another.", field="/business_unit_id"
        )


class MayNotKeepSources(NotAllowed):
    """Sources are kept by marketing, sales operations or the head of their unit."""

    code = "may_not_keep_forecast_sources"

    def __init__(self) -> None:
        super().__init__("Marketing, sales operations or the head of the business unit keeps its sources.")


class MayNotForecast(NotAllowed):
    """Who may see the source does not enter its figures."""

    code = "may_not_enter_channel_forecast"

    def __init__(self) -> None:
        super().__init__(
            "Marketing, sales operations, the head of the business unit or who is responsible for the source "
            "enters its forecasts."
        )


def check_open(source: Source) -> None:
    """Refuse what a closed source cannot do."""
    if not source.is_open:
        raise SourceClosed
