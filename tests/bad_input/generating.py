"""Requests made from the merged document by schemathesis: what it allows, what it forbids, and every boundary."""

from collections.abc import Iterator, Mapping
from itertools import islice
from random import Random
from typing import Any

import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.errors import Unsatisfiable
from schemathesis.core import NOT_SET
from schemathesis.generation import GenerationMode

from gateway.routes import FAMILIES
from tests.bad_input.requests import UNSENT, Operation, Request

MOST_BOUNDARIES = 400
NOT_FROM_HERE = {"authorization", "x-schemathesis-testcaseid"}
KINDS = {GenerationMode.POSITIVE: "allowed", GenerationMode.NEGATIVE: "forbidden"}


class Generator:
    """Makes requests for the operations of a document, the same ones from the same seed."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self._schema = schemathesis.openapi.from_dict(dict(document))
        self._made: dict[str, Any] = {}
        for result in self._schema.get_all_operations():
            found: Any = result.ok()  # type: ignore[union-attr]  # what the document has wrong is raised here
            self._made[found.label] = found
        self.operations = [
            operation_of(label.split(" ")[0], found.path, document["paths"][found.path][found.method.lower()])
            for label, found in self._made.items()
        ]

    def boundaries(self, operation: Operation, at_most: int, chance: Random) -> list[Request]:
        """Return requests with one boundary or one forbidden value each, of all that there are."""
        found = self._made[operation.label]
        config = self._schema.config.generation_for(operation=found)
        cases = self._schema.iter_coverage_cases(found, generation_modes=list(GenerationMode), generation_config=config)
        requests = [request_of(operation, "boundary", case) for case in islice(cases, MOST_BOUNDARIES)]
        return requests if len(requests) <= at_most else chance.sample(requests, at_most)

    def drawn(self, operation: Operation, mode: GenerationMode, count: int, chance: Random) -> list[Request]:
        """Return requests drawn at random: as the document allows or forbids them; none where it forbids nothing."""
        cases: list[Any] = []

        @seed(chance.getrandbits(32))
        @settings(
            max_examples=count,
            database=None,
            deadline=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(self._made[operation.label].as_strategy(generation_mode=mode))
        def draw(case: Any) -> None:
            cases.append(case)

        try:
            draw()
        except Unsatisfiable:
            return []
        return [request_of(operation, KINDS[mode], case) for case in cases[:count]]


def operation_of(method: str, path: str, content: Mapping[str, Any]) -> Operation:
    """Return an operation of the merged document."""
    return Operation(FAMILIES[path.split("/")[2]], content["operationId"], method, path, content)


def request_of(operation: Operation, kind: str, case: Any) -> Request:
    """Return a case of schemathesis as a request of ours; who asks is decided later."""
    return Request(
        operation,
        kind,
        case.method,
        dict(case.path_parameters or {}),
        dict(case.query or {}),
        dict(_headers(case.headers or {})),
        UNSENT if case.body is NOT_SET else case.body,
        case.media_type,
    )


def _headers(given_headers: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name, value in given_headers.items():
        if name.lower() not in NOT_FROM_HERE:
            yield name.lower(), str(value)
