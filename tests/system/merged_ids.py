"""The table of merged ids: for every operation that takes a customer's id what it is asked with, and what has to come.

Method and path come from the service's OpenAPI document. Text in braces is replaced: `{merged}` is the id of whom was
merged, `{survivor}` of whom it stands for, `{fresh}` a new word, `{theirs_lead}` what was made for the former, and
`{create_lead}` what the operation of that name has made.
"""

from dataclasses import dataclass, field
from typing import Any

CUSTOMER_IDS = frozenset({"customer_id", "customer_ids", "merged_id", "competitor_id", "competitor_ids"})
"""Fields and parameters that name customers in every service; `parent_id` does so in `customer`."""


@dataclass(frozen=True)
class Read:
    """A question that answers the same by both ids."""

    holds: str = ""
    """Of which records it lists both sides'."""
    by: str = "customer_id"
    query: dict[str, str] = field(default_factory=dict)
    says: dict[str, Any] = field(default_factory=dict)
    """What is found in the answer, by its way there: sums count each record once."""
    tells_merged: str = ""
    """Why the answer names the merged id, where it does."""


@dataclass(frozen=True)
class Write:
    """Something done for the merged id, which is done for the survivor."""

    shows: str
    """Where the survivor's id is found in the answer, or in what is read then."""
    body: Any = field(default_factory=dict)
    path: dict[str, str] = field(default_factory=dict)
    by: str = "head"
    read: str = ""
    """What is read then; `{made}` is the id of what was made."""
    made: str = "id"


OWN_TESTS = "what it does to two customers has tests of its own"
EXEMPT = {
    "preview_customer_merge": OWN_TESTS,
    "merge_customer": OWN_TESTS,
    "undo_customer_merge": OWN_TESTS,
    "export_contacts": "it asks the list of contacts",
    "export_customers": "it asks the list of customers",
    "export_opportunities": "it asks the list of opportunities",
    "create_outcome": "whom an opportunity was lost to is kept as it was told",
    "create_assignment_rules": "rules name new customers, and `team` keeps none",
}

REASON = "because {fresh}"
NEW_REFERENCE = {"system": "merged", "id": "{fresh}"}
COMPANY = {"legal_name": "Company {fresh}", "country": "DE"}
DEAL = {"customer_id": "{merged}", "name": "Deal {fresh}", "principal_id": "{head}", "currency": "USD"}
CRITERION = {"criterion": "Price {fresh}", "ours": 1, "theirs": 2, "evidence": "Seen {fresh}"}

READS = {
    "get_customer": Read(tells_merged="`merged_ids`"),
    "get_customer_hierarchy": Read(),
    "get_customer_potential": Read(),
    "get_customer_summary": Read(says={"opportunities.open.count": 2, "people.contacts": 2}),
    "get_group_figures": Read(),
    "get_relationship_map": Read(),
    "get_customer_forecast": Read(),
    "get_ageing": Read(query={"scope": "customer"}),
    "get_conversion": Read(query={"scope": "customer"}, says={"cohorts.0.count": 2}),
    "get_score_distribution": Read(query={"scope": "customer"}),
    "get_score_win_rates": Read(query={"scope": "customer"}),
    "get_question_win_rates": Read(query={"scope": "customer"}),
    "get_funnel": Read(query={"scope": "customer"}, says={"open.count": 2}),
    "get_stage_times": Read(query={"scope": "customer"}),
    "get_velocity": Read(query={"scope": "customer"}, says={"open.count": 2}),
    "get_win_rate": Read(query={"scope": "customer"}),
    "get_movement": Read(query={"scope": "customer"}, says={"closing.count": 2}),
    "list_moved_opportunities": Read("opportunity", query={"scope": "customer", "part": "closing"}),
    "list_baselines": Read("baseline", query={"scope": "customer"}),
    "list_customer_assignments": Read(),
    "list_customer_changes": Read(tells_merged="what was written of it is told as it was written"),
    "list_customer_merges": Read(tells_merged="a merge tells of whom"),
    "list_customer_tier_changes": Read(),
    "list_account_plans": Read("account_plan"),
    "list_activities": Read("activity"),
    "list_contacts": Read("contact"),
    "list_coverages": Read("coverage"),
    "list_customers": Read("child", by="parent_id"),
    "list_competitive_assessments": Read("assessment"),
    "list_competitive_strategies": Read("strategy"),
    "list_customer_evaluations": Read("evaluation"),
    "list_customer_needs": Read("need"),
    "list_intakes": Read("intake"),
    "list_key_proposals": Read("key_proposal"),
    "list_leads": Read("lead"),
    "list_opportunities": Read("opportunity"),
    "list_portfolio_parts": Read(says={"items.0.customer_id": "{survivor}", "items.1.customer_id": "{survivor}"}),
    "list_proposed_changes": Read("proposed_change"),
    "list_reclaim_notices": Read(),
    "list_target_customers": Read("target"),
}

WRITES = {
    "create_customer": Write("parent_id", COMPANY | {"parent_id": "{merged}"}),
    "upsert_customers": Write(
        "parent_id",
        {"items": [COMPANY | {"parent_id": "{merged}", "external_reference": NEW_REFERENCE}]},
        made="items.0.id",
        read="/v1/customers/{made}",
    ),
    "put_customer_by_reference": Write(
        "parent_id", COMPANY | {"parent_id": "{merged}"}, {"system": "merged", "external_id": "{fresh}"}
    ),
    "change_customer": Write("id", {"phone": "+49 40 5"}),
    "change_customer_parent": Write("id", {"parent_id": "{other}"}),
    "add_customer_name": Write("id", {"kind": "brand", "name": "Brand {fresh}"}),
    "end_customer_name": Write("id", path={"name_id": "{theirs_name}"}),
    "add_customer_identifier": Write("id", {"scheme": "domain", "value": "{fresh}.com"}),
    "end_customer_identifier": Write("id", path={"identifier_id": "{theirs_identifier}"}),
    "add_customer_address": Write("id", {"kind": "other", "line_1": "Street {fresh}", "country": "DE"}),
    "end_customer_address": Write("id", path={"address_id": "{theirs_address}"}),
    "assign_customer": Write("id", {"account_manager_id": "{second}", "reason": REASON}),
    "assign_customers": Write(
        "items.0.id",
        {"items": [{"customer_id": "{merged}", "account_manager_id": "{first}", "reason": REASON}]},
        made="items.0.id",
    ),
    "change_customer_tier": Write("id", {"tier": "standard", "reason": REASON}),
    "confirm_customer": Write("customer_id", {"fields": ["city"]}),
    "supplement_customer": Write("proposed.0.customer_id", {"source": {"kind": "visit"}, "industry": "Else {fresh}"}),
    "evaluate_customer": Write(
        "customer_id", {"scheme_number": 1, "values": [{"criterion": "relationship", "value": 4}]}
    ),
    "decide_on_customer_evaluation": Write(
        "customer_id",
        {"decision": "overridden", "tier": "growth", "reason": REASON},
        {"evaluation_id": "{evaluate_customer}"},
    ),
    "choose_target_customer": Write("customer_id", {"period": "2036", "why": REASON}),
    "end_target_customer": Write("customer_id", {"reason": REASON}, {"target_id": "{theirs_target}"}),
    "assess_customer_need": Write(
        "customer_id", {"assessed_on": "2026-01-05", "what": "Need {fresh}", "fit": 2, "fit_reason": "Fit {fresh}"}
    ),
    "assess_competition": Write(
        "customer_id", {"competitor_id": "{rival}", "assessed_on": "2026-01-05", "criteria": [CRITERION]}
    ),
    "write_competitive_strategy": Write("customer_id", {"upon": 1, "stance": "attack", "strategy": "Strategy {fresh}"}),
    "create_account_plan": Write("customer_id", {"customer_id": "{merged}", "year": 2041}),
    "create_activity": Write(
        "customer_id",
        {"customer_id": "{merged}", "kind": "visit", "subject": "{fresh}", "done_on": "{today}"},
    ),
    "create_contact": Write("customer_id", {"customer_id": "{merged}", "name": "Contact {fresh}"}),
    "upsert_contacts": Write(
        "customer_id",
        {"items": [{"customer_id": "{merged}", "name": "Contact {fresh}", "external_reference": NEW_REFERENCE}]},
        made="items.0.id",
        read="/v1/contacts/{made}",
    ),
    "put_contact_by_reference": Write(
        "customer_id",
        {"customer_id": "{merged}", "name": "Contact {fresh}"},
        {"system": "merged", "external_id": "{fresh}"},
    ),
    "create_lead": Write("customer_id", {"customer_id": "{merged}", "heard": "Heard {fresh}", "source": "referral"}),
    "change_lead": Write("customer_id", {"customer_id": "{merged}", "heard": "More"}, {"lead_id": "{theirs_lead}"}),
    "hand_over_customer": Write("customer_id", {"name": "Deal {fresh}", "currency": "USD"}),
    "allocate_portfolio_plan": Write(
        "items.0.customer_id",
        {"fixed": [{"customer_id": "{merged}", "amount": "10.00"}]},
        {"portfolio_plan_id": "{draft_plan}"},
        read="/v1/portfolio-plans/{draft_plan}/allocations",
    ),
    "create_opportunity": Write("customer_id", DEAL),
    "import_opportunities": Write(
        "customer_id",
        {"items": [DEAL | {"external_reference": NEW_REFERENCE}]},
        by="operations",
        made="items.0.id",
        read="/v1/opportunities/{made}",
    ),
    "set_baseline": Write(
        "scope.customer_id",
        {"scope": "customer", "customer_id": "{merged}", "stage": "selected", "count": "2"}
        | {"from_date": "2999-01-01", "reason": REASON},
    ),
    "put_opportunity": Write("customer_id", DEAL, {"system": "merged", "external_id": "{fresh}"}, by="operations"),
    "change_opportunity": Write("customer_id", {"customer_id": "{merged}"}, {"opportunity_id": "{create_opportunity}"}),
}
