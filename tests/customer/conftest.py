"""What tests of customers need: somebody who may do most things, and numbers that are valid."""

import secrets
from collections.abc import Callable

import pytest
from stdnum.cn import uscc

from tests.house import Client, House
from tests.make import word


@pytest.fixture
async def operations(house: House) -> Client:
    """Return the machine client for imports: sales operations."""
    return await house.import_client()


@pytest.fixture
def credit_code() -> Callable[[], str]:
    """Return a maker of valid unified social credit codes, each a new one."""

    def make() -> str:
        number = "91310000" + "".join(secrets.choice("0123456789ABCDEFGHJKLMNPQRTUWXY") for _ in range(9))
        return number + str(uscc.calc_check_digit(number))

    return make


@pytest.fixture
def entity_code() -> Callable[[], str]:
    """Return a maker of valid LEIs, each a new one."""

    def make() -> str:
        number = "5493" + word().upper()[:12].rjust(14, "0")
        digits = "".join(str(int(character, 36)) for character in number + "00")
        return f"{number}{98 - int(digits) % 97:02d}"

    return make
