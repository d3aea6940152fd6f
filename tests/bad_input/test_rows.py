"""What counts as half-written, and what is meant to be kept."""

from collections.abc import Mapping
from typing import Any

from servicekit.data.tables import Audited
from tests.bad_input.rows import Kept, Written, faults_of_change, unwanted_of_reading, unwanted_of_refusal

DECLARED = {"team.person": Kept(Audited("person", "id", ()), has_version=True)}
ROW = {"id": "a", "version": 2}


def entry(**more: Any) -> dict[str, Any]:
    return {"table_name": "person", "aggregate_id": "a", "operation": "update", "after": {"version": 2}} | more


def written(**rows: list[Mapping[str, Any]]) -> Written:
    return Written({f"team.{name}": found for name, found in rows.items()})


def test_a_refusal_may_leave_its_entry_in_the_audit_trail_and_nothing_else() -> None:
    refused = entry(operation="refused")
    assert not unwanted_of_refusal(written(audit=[refused], audit_head=[{}], orgchart_person=[{}]))
    assert unwanted_of_refusal(written(audit=[refused, entry()]))
    tried = entry(table_name="sign_in_event", operation="insert", after={"step": "refused"})
    assert not unwanted_of_refusal(written(audit=[tried], audit_head=[{}], sign_in_event=[{}]))
    assert unwanted_of_refusal(written(audit=[tried | {"after": {"step": "signed_in"}}]))
    assert unwanted_of_refusal(written(idempotency=[{}]))
    assert unwanted_of_refusal(Written(growth={"team.person": -1}))


def test_a_question_may_bring_the_copy_of_the_org_chart_up_to_date_only() -> None:
    assert not unwanted_of_reading(written(orgchart_edge=[{}]))
    assert unwanted_of_reading(written(audit=[entry(operation="refused")]))


def test_row_audit_and_event_agree_on_the_version() -> None:
    event = {"aggregate_id": "a", "data": {"version": 2}}
    assert not faults_of_change(written(person=[ROW], audit=[entry()], outbox=[event]), DECLARED)
    assert faults_of_change(written(person=[ROW], outbox=[event]), DECLARED)
    assert faults_of_change(written(person=[ROW], audit=[entry()]), DECLARED)
    assert faults_of_change(written(person=[ROW], audit=[entry(), entry()], outbox=[event]), DECLARED)
    assert faults_of_change(written(person=[ROW], audit=[entry(after={"version": 1})], outbox=[event]), DECLARED)
    assert faults_of_change(written(person=[ROW], audit=[entry(after={"name": "x"})], outbox=[event]), DECLARED)
    assert faults_of_change(written(person=[ROW], audit=[entry()], outbox=[event | {"data": {"version": 1}}]), DECLARED)


def test_rows_that_go_need_an_entry_that_says_so() -> None:
    gone = Written(growth={"team.person": -1})
    assert faults_of_change(gone, DECLARED)
    gone.rows["team.audit"] = [entry(operation="delete")]
    assert not faults_of_change(gone, DECLARED)
