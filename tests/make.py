"""Factories: each posts through the API, so that a test starts from a state that a user can reach."""

from typing import Any

from servicekit.values.ids import new_id
from tests.house import Client, House


def word() -> str:
    """Return a word that nothing else in the house is called."""
    return new_id().hex[-12:]


class Make:
    """Makes people and things in a house; every argument of the API may be given."""

    def __init__(self, house: House) -> None:
        self.house = house

    async def person(self, superior: Client | None = None, *, roles: list[str] | None = None, **given: Any) -> Client:
        """Make a person, perhaps below a superior, and sign in as them."""
        admin = await self.house.admin()
        body = {"name": f"Person {word()}", **given}
        made = await admin.done("POST", "/v1/people", body)
        if superior is not None:
            change = {"superior_id": superior.id, "reason": "joined the team"}
            await admin.done("POST", f"/v1/people/{made['id']}/superior-changes", change)
        for role in roles or []:
            change = {"role": role, "change": "granted", "reason": "needed for the work"}
            await admin.done("POST", f"/v1/people/{made['id']}/role-changes", change)
        return self.house.sign_in(made["id"])

    async def machine(
        self, scopes: list[str], *, roles: list[str] | None = None, **asked: str
    ) -> tuple[Client, dict[str, Any]]:
        """Register a machine client and sign in as it; also return what the registration answered."""
        admin = await self.house.admin()
        body = {"name": f"Machine {word()}", "client_id": word(), "scopes": scopes}
        made: dict[str, Any] = await admin.done("POST", "/v1/machine-clients", body)
        for role in roles or []:
            change = {"role": role, "change": "granted", "reason": "needed for the work"}
            await admin.done("POST", f"/v1/people/{made['id']}/role-changes", change)
        return await self.house.sign_in_machine(made["client_id"], made["client_secret"], **asked), made

    async def seller(self, superior: Client | None = None, **given: Any) -> Client:
        """Make a seller."""
        return await self.person(superior, title="Account manager", **given)

    async def line(self, depth: int) -> list[Client]:
        """Make a reporting line, the top first."""
        people = [await self.person()]
        for _ in range(depth - 1):
            people.append(await self.person(people[-1]))
        return people

    async def customer(self, by: Client, **given: Any) -> dict[str, Any]:
        """Make a customer, looked after by whoever makes it unless said otherwise."""
        body = {"kind": "customer", "legal_name": f"Customer {word()}", "country": "DE", "city": "Hamburg", **given}
        made: dict[str, Any] = await by.done("POST", "/v1/customers", body)
        return made

    async def product(self, **given: Any) -> dict[str, Any]:
        """Make a product in a line of its own."""
        operations = await self.house.import_client()
        line_id = given.pop("product_line_id", None)
        if line_id is None:
            line = await operations.done("POST", "/v1/product-lines", {"name": f"Line {word()}"})
            line_id = line["id"]
        body = {
            "code": f"P-{word()}",
            "name": f"Product {word()}",
            "product_line_id": line_id,
            "unit": "piece",
            "unit_is_whole": True,
            **given,
        }
        made: dict[str, Any] = await operations.done("POST", "/v1/products", body)
        return made

    async def opportunity(self, by: Client, **given: Any) -> dict[str, Any]:
        """Make an opportunity of which whoever makes it is the principal owner."""
        body = {
            "name": f"Opportunity {word()}",
            "principal_id": by.id,
            "currency": "USD",
            "amount": "1000.00",
            **given,
        }
        made: dict[str, Any] = await by.done("POST", "/v1/opportunities", body)
        return made
