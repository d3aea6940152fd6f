"""Pages of lists over the wire: opaque, signed cursors, bound to what was asked and by whom."""

import base64
import hashlib
import hmac
from collections.abc import Mapping
from typing import Annotated, Any, Generic, TypeVar

import orjson
from fastapi import Depends, Request
from pydantic import BaseModel, Field
from sqlalchemy import ColumnElement

from servicekit.data.lists import COUNTED_TO, MOST_ITEMS, Slice, SortKey, Window, order_of
from servicekit.values.errors import Malformed
from servicekit.web.schemas import Input, Output
from servicekit.web.service import service_of

A = TypeVar("A", bound=BaseModel)
MAC_BYTES = 16
DEFAULT_LIMIT = 50
LONGEST_CURSOR = 8000
"""A line of 400 signs of four bytes each, escaped where it must be, in base64."""


class CursorMalformed(Malformed):
    """The cursor is not one that was given out for this list, filter, sort and caller."""

    code = "cursor_malformed"

    def __init__(self) -> None:
        super().__init__(
            "cursor takes what `next` of the page before said, with the same filters and sort.", field="query:cursor"
        )


class ListQuery(Input):
    """What every list takes; a list's own filters are added by its feature."""

    limit: int = Field(default=DEFAULT_LIMIT, ge=1, description="Items per page; above 500 is cut to 500.")
    cursor: str | None = Field(default=None, max_length=LONGEST_CURSOR, description="`next` of the page before.")
    sort: str | None = Field(default=None, max_length=60, description="A field; `-` in front for the largest first.")
    total: bool = Field(default=False, description="Count the whole list (exact to 10,000).")

    def filters(self) -> dict[str, Any]:
        """Return the filters that were given, by name."""
        common = ListQuery.model_fields.keys()
        return {
            name: value
            for name in type(self).model_fields
            if name not in common and (value := getattr(self, name)) is not None
        }


class Page(Output, Generic[A]):
    """A page of a list."""

    items: list[A]
    next: str | None = Field(description="The cursor of the next page; null on the last one.")
    total: str | None = Field(description="When asked for: how many in all; above 10,000 `10000+`.")

    @classmethod
    def model_parametrized_name(cls, params: tuple[Any, ...]) -> str:
        """Return a name that can be that of a type in any language."""
        return f"PageOf{params[0].__name__}"


class Pages:
    """Windows and pages for one caller on one list."""

    def __init__(self, key: bytes, path: str, subject: str) -> None:
        self._key = key
        self._context = f"{path}\x00{subject}"

    def window(
        self, query: ListQuery, keys: Mapping[str, SortKey], identifier: ColumnElement[Any], default: str
    ) -> Window:
        """Return the part of the list that the query asks for.

        Raises:
            SortUnknown: it cannot be sorted so.
            CursorMalformed: the cursor is not of this list, filter, sort and caller.
        """
        order = order_of(query.sort, keys, identifier, default)
        limit = min(query.limit, MOST_ITEMS)
        position = self._read(query.cursor, self._binding(query)) if query.cursor else None
        return Window(order, limit, position, query.total)

    def page(self, query: ListQuery, found: Slice[Any], answer: type[A]) -> Page[A]:
        """Return the page as it goes over the wire."""
        return self.answered(query, found, [answer.model_validate(item) for item in found.items], answer)

    def answered(self, query: ListQuery, found: Slice[Any], items: list[A], answer: type[A]) -> Page[A]:
        """Return the page of items that are ready to go over the wire."""
        cursor = self._make(found.position, self._binding(query)) if found.position else None
        return Page[answer](items=items, next=cursor, total=_counted(found.total))  # type: ignore[valid-type]

    def _binding(self, query: ListQuery) -> bytes:
        asked = orjson.dumps([query.sort, query.filters()], default=str, option=orjson.OPT_SORT_KEYS)
        return self._context.encode() + b"\x00" + asked

    def _mac(self, content: bytes, binding: bytes) -> bytes:
        return hmac.digest(self._key, hashlib.sha256(binding).digest() + content, "sha256")[:MAC_BYTES]

    def _make(self, position: tuple[str | None, str], binding: bytes) -> str:
        content = orjson.dumps(position)
        return base64.urlsafe_b64encode(self._mac(content, binding) + content).rstrip(b"=").decode()

    def _read(self, cursor: str, binding: bytes) -> list[str | None]:
        try:
            raw = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        except ValueError as error:
            raise CursorMalformed from error
        mac, content = raw[:MAC_BYTES], raw[MAC_BYTES:]
        if not hmac.compare_digest(mac, self._mac(content, binding)):
            raise CursorMalformed
        position: list[str | None] = orjson.loads(content)
        return position


def _counted(total: int | None) -> str | None:
    if total is None:
        return None
    return str(total) if total <= COUNTED_TO else f"{COUNTED_TO}+"


async def _pages(request: Request) -> Pages:
    return Pages(service_of(request).keys.cursor, request.url.path, request.state.caller.subject)


CurrentPages = Annotated[Pages, Depends(_pages)]
