"""Stand-ins for the peers of `forecast`: they answer what it asks of them and feed it the events that tests cause.

What the real ones answer is tried in `test_with_real_peers.py`.
"""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import httpx
import orjson

from servicekit.values.ids import new_id


@dataclass
class Peers:
    """An org chart, a catalogue, opportunities and customers, each with its feed."""

    chart_version: int = 1
    people: dict[UUID, dict[str, Any]] = field(default_factory=dict)
    edges: list[dict[str, Any]] = field(default_factory=list)
    units: list[dict[str, Any]] = field(default_factory=list)
    stand_ins: list[dict[str, Any]] = field(default_factory=list)
    funnels: list[list[str]] = field(default_factory=lambda: [["shortlist", "selected", "negotiate", "close"]])
    """The keys of the stages of each published version, the newest first."""
    rates: list[dict[str, Any]] = field(default_factory=list)
    opportunities: dict[str, dict[str, Any]] = field(default_factory=dict)
    products: dict[str, dict[str, Any]] = field(default_factory=dict)
    feeds: dict[str, list[dict[str, Any]]] = field(default_factory=lambda: {"opportunity": [], "customer": []})
    down: set[str] = field(default_factory=set)
    asked: list[str] = field(default_factory=list)

    def transport(self, name: str) -> httpx.MockTransport:
        """Return the transport by which the peer is reached."""

        async def answer(request: httpx.Request) -> httpx.Response:
            if name in self.down:
                raise httpx.ConnectError("down")
            self.asked.append(f"{name} {request.url.path}")
            found = self._answer(name, request.url.path, request.url.params)
            if found is None:
                return httpx.Response(404, json={"detail": "not found"})
            return httpx.Response(200, content=orjson.dumps(found, default=str))

        return httpx.MockTransport(answer)

    def _answer(self, name: str, path: str, params: httpx.QueryParams) -> Any:
        if path.startswith("/health/"):
            return {"status": "ready"}
        parts = path.strip("/").split("/")[1:]
        if parts == ["org-chart"]:
            return self._chart()
        if parts[-1] == "events":
            after, limit = int(params["after"]), int(params["limit"])
            events = self.feeds[name]
            return {"items": events[after : after + limit], "next_after": len(events)}
        if parts == ["funnel-definitions"]:
            return {"items": [{"stages": [{"key": key} for key in keys]} for keys in self.funnels], "next": None}
        if parts[0] == "exchange-rates":
            return {
                "items": [rate for rate in self.rates if params.get("currency", rate["to_currency"]) in rate.values()]
            }
        return {"opportunities": self.opportunities, "products": self.products}[parts[0]].get(parts[1])

    def _chart(self) -> dict[str, Any]:
        return {
            "version": self.chart_version,
            "on": datetime.now(UTC).date(),
            "people": list(self.people.values()),
            "edges": self.edges,
            "units": self.units,
            "stand_ins": self.stand_ins,
        }

    def tell(self, peer: str, event_type: str, data: dict[str, Any]) -> None:
        """Add an event to a feed."""
        self.feeds[peer].append(
            {
                "position": len(self.feeds[peer]) + 1,
                "id": str(new_id()),
                "type": event_type,
                "subject": data["id"],
                "time": datetime.now(UTC).isoformat(),
                "actor": "tests",
                "data": dict(data),
            }
        )

    def add_person(self, superior_id: UUID | None, roles: list[str], unit_id: UUID | None = None) -> UUID:
        """Add somebody to the org chart."""
        person_id = new_id()
        self.people[person_id] = {
            "id": person_id,
            "name": f"Person {person_id.hex[-6:]}",
            "kind": "person",
            "roles": roles,
            "active": True,
            "business_unit_id": unit_id,
            "external_system": None,
            "external_id": None,
            "email": None,
            "scopes": [],
        }
        if superior_id is not None:
            self.edges.append(
                {
                    "person_id": person_id,
                    "superior_id": superior_id,
                    "from_date": date(2020, 1, 1),
                    "until_date": None,
                }
            )
        self.chart_version += 1
        return person_id

    def add_machine(self, *scopes: str) -> UUID:
        """Add a program to the org chart."""
        machine_id = self.add_person(None, [])
        self.people[machine_id] |= {"kind": "machine", "scopes": list(scopes)}
        return machine_id

    def add_product(self, unit: str = "pair", *, is_whole: bool = True) -> dict[str, Any]:
        """Add a product to the catalogue."""
        identifier = str(new_id())
        product: dict[str, Any] = {
            "id": identifier,
            "version": 1,
            "code": f"P-{new_id().hex[-6:]}",
            "name": "Winter boot",
            "product_line_id": str(new_id()),
            "unit": unit,
            "unit_is_whole": is_whole,
        }
        self.products[identifier] = product
        self.tell("opportunity", "product.changed", product)
        return product

    def add_customer(self, place: str | None, **given: Any) -> dict[str, Any]:
        """Add a customer, delivered to a place or nowhere yet."""
        customer = {"id": str(new_id()), "version": 1, "legal_name": "Boots & Co", "delivery_place": place, **given}
        self.tell("customer", "customer.created", customer)
        return customer

    def add_opportunity(self, principal_id: UUID | None, **given: Any) -> dict[str, Any]:
        """Add an opportunity, open and expected in the quarter of the tests."""
        identifier = str(new_id())
        opportunity: dict[str, Any] = {
            "id": identifier,
            "version": 1,
            "name": "Boots for the season",
            "principal_id": str(principal_id),
            "customer_id": None,
            "stage": "shortlist",
            "state": "open",
            "amount": "100.00",
            "currency": "USD",
            "expected_close": "2026-11-20",
            "decided_on": None,
            "lines": [],
            "origin": "entered",
            **given,
        }
        self.opportunities[identifier] = opportunity
        self.tell("opportunity", "opportunity.created", opportunity)
        return opportunity

    def change(self, opportunity: dict[str, Any], event: str = "updated", **changes: Any) -> None:
        """Change an opportunity, and tell of it."""
        opportunity.update(changes, version=opportunity["version"] + 1)
        self.tell("opportunity", f"opportunity.{event}", opportunity)

    def win(self, opportunity: dict[str, Any], on: str = "2026-11-10", **changes: Any) -> None:
        """Win an opportunity."""
        self.change(opportunity, "won", state="won", stage="close", decided_on=on, **changes)
