"""Intakes of a random enterprise: questions of the review queue."""

import random

from stdnum.cn import uscc

from tests.house import House
from tests.scope.asking import word
from tests.scope.rule import Customer, Intake, World

INTAKES = 5


async def questions(house: House, world: World, chance: random.Random, sellers: list[str]) -> None:
    """A company of the same name in the same place with another number, each twice: the second is a question.

    All in the one place where trials look for companies by name.
    """
    for _ in range(INTAKES):
        client = house.sign_in(chance.choice(sellers))
        name = f"Company {word()}"
        for number in range(2):
            code = f"9131000{chance.randrange(10**10):010d}"
            value = code + str(uscc.calc_check_digit(code))
            numbers = [{"scheme": "uscc", "value": value}]
            company = {"legal_name": name, "country": "DE", "city": "Hamburg", "identifiers": numbers}
            made = await client.done("POST", "/v1/intakes", {"source": "referral", "company": company})
            customer = made["customer_id"]
            if customer:
                world.customers[customer] = Customer(name, None, client.id)
            world.intakes[made["id"]] = Intake(name, client.id, customer, is_open=bool(number))
