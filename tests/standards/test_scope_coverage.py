"""Every operation is tried by every kind of person in `tests/scope`."""

import json

import pytest

from keyaccount.openapi import DOCUMENTS
from tests.house import existing_services
from tests.scope.operations import TRIALS, untried
from tests.system.asking import document_of, operations_in


@pytest.mark.parametrize("service", existing_services())
def test_every_operation_has_a_trial(service: str) -> None:
    operations = operations_in(document_of(service))
    assert untried(service, operations) == set(), f"say who may do these: tests/scope/trials/{service}.py"
    assert set(TRIALS[service]) - set(operations) == set(), "these are gone"


def test_a_new_operation_without_a_trial_is_noticed() -> None:
    document = document_of("customer")
    path = "/v1/customers/{customer_id}/secrets"
    document["paths"][path] = {"get": document["paths"]["/v1/customers/{customer_id}"]["get"] | {"operationId": "new"}}
    assert untried("customer", operations_in(document)) == {"new"}


def test_every_document_is_tried() -> None:
    documents = {path.stem for path in DOCUMENTS.glob("*.json") if "paths" in json.loads(path.read_text())}
    assert documents == set(TRIALS)
