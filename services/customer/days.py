"""The business date that a request is made on."""

from datetime import date
from typing import Annotated

from fastapi import Depends, Request

from servicekit.web.service import service_of


async def _today(request: Request) -> date:
    return service_of(request).today()


Today = Annotated[date, Depends(_today)]
