"""What goes over the wire."""

from datetime import date

from pydantic import Field

from servicekit.web.schemas import Input


class ChartQuery(Input):
    """What the caller has already."""

    since: int = Field(default=0, ge=0, description="The version of the caller's copy; 0 for everything.")
    on: date | None = Field(default=None, description="The business date of the caller's copy.")
