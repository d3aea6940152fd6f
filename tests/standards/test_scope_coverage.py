"""Every operation is tried by every kind of person in `tests/scope`."""

import pytest

from tests.house import existing_services
from tests.scope.operations import TRIALS, UNTRIED
from tests.system.asking import document_of, operations_in


@pytest.mark.parametrize("service", existing_services())
def test_every_operation_has_a_trial(service: str) -> None:
    operations = set(operations_in(document_of(service)))
    assert operations - set(TRIALS[service]) - UNTRIED == set(), (
        f"say who may do these: tests/scope/trials/{service}.py"
    )
    assert set(TRIALS[service]) - operations == set(), "these are gone"
