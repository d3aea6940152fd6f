"""Who sees what ERP systems are told: the roles that work by published plans."""

from dataclasses import dataclass

from sqlalchemy import Boolean, ColumnElement, bindparam

from orgchart.viewer import FINANCE, MARKETING, PRODUCTION_PLANNER, Viewer


@dataclass(frozen=True, slots=True)
class ByRole:
    """A viewer, by their roles alone."""

    viewer: Viewer

    @property
    def sees(self) -> bool:
        """Whether a role shows it."""
        return self.viewer.sees_all or self.viewer.has_role(MARKETING, FINANCE, PRODUCTION_PLANNER)

    @property
    def binds(self) -> dict[str, object]:
        """What scopes a statement."""
        return {"sees_erp": self.sees}


def in_scope() -> ColumnElement[bool]:
    """Return the condition that a role shows the row."""
    return bindparam("sees_erp", type_=Boolean())
