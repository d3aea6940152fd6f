"""What requests may speak of: ids that are there, of the scene and of what the answers have shown."""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from random import Random
from typing import Any

from tests.bad_input.requests import Operation
from tests.make import word

ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
MOST_OF_ONE = 40
OFTEN, SOMETIMES = 0.6, 0.35
PER_SERVICE = {"job_id", "webhook_id", "delivery_id"}
ENDED = {
    ("delete", "webhook_id"): "spare_webhook_id",
    ("disable", "webhook_id"): "spare_webhook_id",
    ("cancel", "job_id"): "waiting_job_id",
    ("resume", "job_id"): "waiting_job_id",
}
"""What would end one of the scene's meets a spare one."""

PEOPLE = {
    "account_manager_id",
    "principal_id",
    "superior_id",
    "person_id",
    "stand_in_id",
    "successor_id",
    "head_id",
    "head_ids",
    "report_id",
}
SAME = {"parent_id": "customer_id", "product_line_id": "line_id", "business_unit_id": "unit_id"}
SPARED = {
    "create_departure",
    "create_role_change",
    "create_superior_change",
    "create_credentials",
    "create_machine_client_status_change",
    "create_machine_client_secret",
    "remove_machine_client_secret",
    "change_machine_client",
    "change_person",
}
"""What would take those who ask from their places: it meets people that nobody signs in as."""


class Known:
    """Ids by the names that paths and bodies use for them."""

    def __init__(self, ids: Mapping[str, str], spare: Mapping[str, list[str]], paths: set[str]) -> None:
        self.ids = dict(ids)
        self._spare = {name: list(values) for name, values in spare.items()}
        self._paths = paths
        self._seen: defaultdict[str, list[str]] = defaultdict(list)

    def drawn(self, operation: Operation, name: str, chance: Random) -> str | None:
        """Return an id that is there for a place of that name, or None to leave what was there."""
        if operation.name in SPARED and name in self._spare:
            return chance.choice(self._spare[name])
        dice = chance.random()
        if dice < OFTEN:
            return self.of_scene(operation, name)
        name = SAME.get(name, "person_id" if name in PEOPLE else name)
        seen = self._seen[self._key(operation, name)]
        return chance.choice(seen) if dice < OFTEN + SOMETIMES and seen else None

    def of_scene(self, operation: Operation, name: str) -> str | None:
        """Return the scene's own."""
        if name in PER_SERVICE:
            which = ENDED.get((operation.name.split("_")[0], name), name)
            return self.ids.get(f"{operation.service}_{which}")
        if name == "external_id":
            return self.ids["mark"]
        return self.ids.get(SAME.get(name, name), self.ids.get("person_id") if name in PEOPLE else None)

    def filled(self, text: str) -> str:
        """Return a text of the strangers' table with its ids; `{fresh}` is a new word."""
        new = word()

        def replaced(match: re.Match[str]) -> str:
            return new if match[1] == "fresh" else self.ids.get(match[1], match[0])

        return re.sub(r"\{(\w+)\}", replaced, text)

    def learn(self, operation: Operation, content: Any, *, of_job: bool) -> None:
        """Remember ids of an answer."""
        for name, value in _ids_in(content):
            if name == "id":
                self._note("job_id" if of_job else self._named_by_path(operation), value, operation)
            else:
                self._note(name, value, operation)

    def _named_by_path(self, operation: Operation) -> str:
        """Return what an `id` in an answer is called by the path that leads to it, such as `customer_id`."""
        base = operation.path.removesuffix("/batches")
        for path in self._paths:
            match = re.fullmatch(re.escape(base) + r"/\{(\w+)\}", path)
            if match:
                return match[1]
        return ""

    def _note(self, name: str, value: str, operation: Operation) -> None:
        seen = self._seen[self._key(operation, SAME.get(name, "person_id" if name in PEOPLE else name))]
        if value not in seen:
            seen.append(value)
            del seen[:-MOST_OF_ONE]

    def _key(self, operation: Operation, name: str) -> str:
        return f"{operation.service} {name}" if name in PER_SERVICE else name


def _ids_in(content: Any) -> Iterator[tuple[str, str]]:
    if isinstance(content, dict):
        for name, value in content.items():
            if isinstance(value, str):
                if (name == "id" or name.endswith("_id")) and ID.fullmatch(value):
                    yield name, value
            else:
                yield from _ids_in(value)
    elif isinstance(content, list):
        for each in content[:MOST_OF_ONE]:
            yield from _ids_in(each)


def with_known_ids(value: Any, known: Known, operation: Operation, chance: Random) -> Any:
    """Return a body in which ids, where it has some, are mostly those of things that are there."""
    if isinstance(value, dict):
        return {
            name: _known_or(name, each, known, operation, chance)
            if isinstance(each, str) and name.endswith("_id")
            else with_known_ids(each, known, operation, chance)
            for name, each in value.items()
        }
    if isinstance(value, list):
        return [with_known_ids(each, known, operation, chance) for each in value]
    return value


def _known_or(name: str, value: str, known: Known, operation: Operation, chance: Random) -> str:
    if not ID.fullmatch(value.lower()):
        return value
    return known.drawn(operation, name, chance) or value
