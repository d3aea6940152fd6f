"""Column types that PostgreSQL has and SQLAlchemy does not."""

from typing import Any

from sqlalchemy import Numeric
from sqlalchemy.types import UserDefinedType


class Ltree(UserDefinedType[str]):
    """A path of labels, such as a reporting line from the top down (extension `ltree`)."""

    cache_ok = True
    render_bind_cast = True

    def get_col_spec(self, **_: Any) -> str:
        """Return the type's name in SQL."""
        return "LTREE"


def amount_type() -> Numeric[Any]:
    """Return the type of an amount of money: exact, four decimals, below 10^16."""
    return Numeric(20, 4)
