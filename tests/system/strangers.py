"""The strangers' table: for every operation of every service a request, and what strangers get for it.

Method and path come from the service's OpenAPI document, path parameters from the scene; a table entry adds the
rest. Strangers are somebody who is not signed in, a peer of the seller, and a superior elsewhere.
The order is a story: those who rightly ask, ask one after the other, and each is served.
"""

from dataclasses import dataclass, field, replace
from enum import Enum
from typing import Any


class Fate(Enum):
    """What a stranger who is signed in gets."""

    HIDDEN = "the answer for a thing that does not exist, to the letter"
    REFUSED = "a refusal: it needs a role, and the things named are no secret"
    REJECTED = "an answer in which every item is rejected"
    TAKEN = "a refusal; that the reference is taken cannot be hidden from who may make one of it"
    FILTERED = "an answer without anything of the seller's"
    OPEN = "an answer: it is everybody's, or the stranger's own"
    PUBLIC = "an answer, also without a sign-in"


@dataclass(frozen=True)
class Ask:
    """A request, and what becomes of it. Text in braces is replaced by the scene's ids; `{fresh}` is a new word."""

    fate: Fate = Fate.HIDDEN
    why: str = ""
    body: Any = None
    form: Any = None
    query: dict[str, str] = field(default_factory=dict)
    path: dict[str, str] = field(default_factory=dict)
    by: str = "seller"
    served: tuple[int, ...] = (200, 201)
    shows: str = ""


REASON = "because {mark}"
HEARD = {"heard": "Heard of {fresh}", "source": "referral"}
A_NEED = {"assessed_on": "2026-01-05", "what": "Need {fresh}", "fit": 2, "fit_reason": "Fit {fresh}"}
A_CRITERION = {"criterion": "Price {fresh}", "ours": 1, "theirs": 2, "evidence": "Seen {fresh}"}
A_PORTFOLIO = {
    "name": "Plan {fresh}",
    "from_date": "2027-01-01",
    "until_date": "2028-01-01",
    "currency": "USD",
    "targets": [{"tier": "key", "amount": "1.00"}],
}
BASELINE = {"stage": "shortlist", "count": "2", "from_date": "2999-01-01", "reason": REASON}
NEW_FUNNEL = {
    "name": "Two steps",
    "stages": [
        {"key": "talk", "name": "Talk", "task": "Talk with them.", "probability": "0.3"},
        {"key": "done", "name": "Done", "task": "All is agreed.", "probability": "1"},
    ],
}
SPARE_PORTFOLIO = {"portfolio_plan_id": "{spare_portfolio_id}"}
HAND_OVER = {"name": "Opportunity {fresh}", "currency": "USD"}
REFERENCE = {"system": "scene", "id": "{mark}"}
THEIR_REFERENCE = {"external_id": "{mark}"}
COMPANY = {"legal_name": "Customer {mark}", "country": "DE", "city": "Hamburg"}
NEW_COMPANY = {"legal_name": "Company {fresh}", "country": "DE"}
VISIT = {"kind": "visit", "planned_on": "{in_ten_days}"}
NEW_INTAKE = {"source": "referral", "company": NEW_COMPANY}
NEW_REFERENCE = {"system": "scene", "id": "{fresh}"}
NEW_LINE = {"name": "Line {fresh}", "external_reference": NEW_REFERENCE}
NEW_PRODUCT = {
    "code": "{fresh}",
    "name": "Product {fresh}",
    "product_line_id": "{line_id}",
    "unit": "pair",
    "unit_is_whole": True,
}
SCHEME = {
    "name": "Scheme {fresh}",
    "criteria": [{"key": "growth", "name": "Growth", "weight": "1", "levels": ["low", "high"]}],
    "bands": [{"tier": "standard", "from_score": "0"}],
}
FIRST = {"number": "1"}
MODEL = {
    "name": "Model {fresh}",
    "dimensions": [{"key": "green", "name": "Green", "questions": [{"key": "recycled", "meaning": "it is recycled"}]}],
    "threshold": 0,
}
PAGE = {
    "client_id": "portal",
    "redirect_uri": "https://portal.test/back?of=portal",
    "response_type": "code",
    "code_challenge": "0" * 43,
    "code_challenge_method": "S256",
}
NOBODY = {"username": "{fresh}", "password": "{fresh}"}
RATE = {"from_currency": "CHF", "to_currency": "SEK", "date": "2020-01-01", "rate": "9.5"}
DIRECTORY = "people, units and reporting lines are the enterprise's directory: everybody has to know who is who"
CATALOGUE = "what may be sold, in what and at which rates is everybody's to know"
CYCLES = "a cycle says what everybody is asked for and by when; it holds no figure of anybody"
NEW_ONE = "everybody who sells enters what they have found; it is their own"
EXPORTS = "an export holds what the list shows to whoever asks for it"
PROBE = "a probe of the process, which the gateway does not route"
ADMIN = "only an administrator writes the directory"
BY_ORDERS = "only who sees orders and the whole line sets them against each other"
OPERATIONS = "only sales operations keeps catalogue, rates, imports and cycles"
OWN_BASE = "counts of the customers that whoever asks sees"
OWN_SEGMENT = "everybody may save filters for themselves"
SCHEMES = "only sales operations keeps the schemes, and tries them on the whole base"
CRITERIA = "everybody who evaluates a customer has to know by what"
MODELS = "only sales operations decides by which questions opportunities are assessed"
QUESTIONS = "everybody who assesses an opportunity has to know what is asked"
ERP = "only sales operations and production planning keep what ERP systems are told"
ERP_CODE = {"system": "{erp}", "code": "Code {fresh}", "place": "Place {fresh}"}
NEW_ORDER = {
    "external_reference": {"system": "{erp}", "id": "{fresh}"},
    "order_number": "SO-{fresh}",
    "product_id": "{product_id}",
    "due_on": "2027-01-05",
    "quantity": "3",
}
AUDITORS = "the audit trail is for auditors and administrators"
RECLAIMING = "how long a customer may be neglected is decided by sales operations and administrators"
VISITING = "how often customers are to be visited is decided by sales operations and administrators"
RULES = "who gets which customers is decided, and asked, by sales operations and administrators"
RULE = {"name": "Rule {fresh}", "person_ids": ["{junior_person}"], "countries": ["ZA"]}
CLIENTS = "machine clients are shown to administrators and auditors"
MACHINES = "the feed is for services and machine clients"
KEEPERS = "webhooks get everybody's events: they are for administrators and machine clients"

COMPARING = "marketing, sales operations or the head of the unit compare its forecast"
SALES_STAND = {
    "product_line_id": "{line_id}",
    "month": "{first_of_quarter}",
    "choice": "sales",
    "reason": REASON,
}
SOURCES = "marketing, sales operations or the head of the unit name its sources"
NEW_SOURCE = {"business_unit_id": "{market_unit_id}", "name": "Source {fresh}", "kind": "store"}
CHANNEL_FORECAST = {
    "source_id": "{source_id}",
    "cycle_id": "{done_cycle_id}",
    "note": "Said {fresh}",
    "lines": [{"product_line_id": "{line_id}", "month": "{first_of_quarter}", "quantity": "80"}],
}


def public(why: str, **given: Any) -> Ask:
    return Ask(Fate.PUBLIC, why, **given)


def everybody(why: str, **given: Any) -> Ask:
    return Ask(Fate.OPEN, why, **given)


def filtered(shows: str, **given: Any) -> Ask:
    return Ask(Fate.FILTERED, shows=shows, **given)


def hidden(**given: Any) -> Ask:
    return Ask(Fate.HIDDEN, **given)


def refused(why: str, by: str, **given: Any) -> Ask:
    return Ask(Fate.REFUSED, why, by=by, **given)


def own(service: str, aggregate: str, aggregate_id: str) -> dict[str, tuple[Ask, ...]]:
    """Return what every service has."""
    trail = {"aggregate": aggregate, "aggregate_id": aggregate_id}
    return (
        {
            "get_live": (public(PROBE),),
            "get_ready": (public(PROBE),),
            f"list_{service}_audit": (refused(AUDITORS, "admin", query=trail),),
            f"list_{service}_events": (refused(MACHINES, "machine"),),
        }
        | webhooks(service)
        | jobs(service)
    )


def jobs(service: str) -> dict[str, tuple[Ask, ...]]:
    """Return what every service has for jobs: the seller's own, one done and one that waits."""
    done, waiting = {"job_id": f"{{{service}_job_id}}"}, {"job_id": f"{{{service}_waiting_job_id}}"}
    return {
        f"list_{service}_jobs": (filtered(f"{service}_job_id"),),
        f"get_{service}_job": (hidden(path=done),),
        f"get_{service}_job_result": (hidden(path=done),),
        f"cancel_{service}_job": (hidden(path=waiting),),
        f"resume_{service}_job": (hidden(path=waiting),),
    }


def webhooks(service: str) -> dict[str, tuple[Ask, ...]]:
    """Return what every service has for webhooks, on one of its own and, for what ends one, on a spare one."""
    one = {"webhook_id": f"{{{service}_webhook_id}}", "delivery_id": f"{{{service}_delivery_id}}"}
    spare = {"webhook_id": f"{{{service}_spare_webhook_id}}"}

    def kept(path: dict[str, str], served: int = 200, **given: Any) -> tuple[Ask, ...]:
        return (refused(KEEPERS, "admin", path=path, served=(served,), **given),)

    return {
        f"create_{service}_webhook": kept({}, 201, body={"url": "https://example.invalid/{fresh}"}),
        f"list_{service}_webhooks": kept({}),
        f"get_{service}_webhook": kept(one),
        f"change_{service}_webhook": kept(one, body={"description": "{fresh}"}),
        f"rotate_{service}_webhook_secret": kept(one, 201, body={}),
        f"test_{service}_webhook": kept(one, 201),
        f"list_{service}_webhook_deliveries": kept(one),
        f"get_{service}_webhook_delivery": kept(one),
        f"replay_{service}_webhook_delivery": kept(one),
        f"replay_{service}_webhook_dead_letters": kept(one, body={"since": "2026-01-01T00:00:00Z"}),
        f"disable_{service}_webhook": kept(spare),
        f"enable_{service}_webhook": kept(spare, body={}),
        f"delete_{service}_webhook": kept(spare, 204),
    }


TEAM = own("team", "person", "{person_id}") | {
    "export_people": (everybody(EXPORTS, body={"format": "csv"}, served=(202,)),),
    "list_keys": (public("public keys, by which anybody verifies our tokens"),),
    "create_token": (
        public("signing in", form={"grant_type": "password", "username": "admin", "password": "{admin_password}"}),
    ),
    "get_sign_in_configuration": (public("where browsers sign in, as any client of ours has to know"),),
    "show_sign_in_page": (public("the page on which people sign in", query=PAGE),),
    "sign_in_on_page": (
        public("the page again: this form is not one that we have shown", form=PAGE | NOBODY, served=(403,)),
    ),
    "create_browser_token": (
        public(
            "a refresh token that nobody has",
            form={"grant_type": "refresh_token", "client_id": "portal", "refresh_token": "{fresh}"},
            served=(400,),
        ),
    ),
    "revoke_browser_token": (
        public("signing out; an unknown token is answered alike", form={"client_id": "portal", "token": "{fresh}"}),
    ),
    "get_me": (everybody("tells whoever asks about themselves only"),),
    "list_people": (everybody(DIRECTORY),),
    "get_person": (everybody(DIRECTORY),),
    "list_superiors": (everybody(DIRECTORY),),
    "list_subordinates": (everybody(DIRECTORY),),
    "list_superior_changes": (refused("the reasons are for those above, the person, and who audits", "superior"),),
    "list_business_units": (everybody(DIRECTORY),),
    "get_business_unit": (everybody(DIRECTORY),),
    "get_org_chart": (everybody(DIRECTORY),),
    "list_stand_ins": (everybody(DIRECTORY),),
    "create_person": (refused(ADMIN, "admin", body={"name": "Person {fresh}"}),),
    "create_person_batch": (
        Ask(
            Fate.REJECTED,
            ADMIN,
            by="admin",
            body={"items": [{"name": "Person {fresh}", "external_reference": NEW_REFERENCE}]},
        ),
    ),
    "put_person": (refused(ADMIN, "admin", path={"external_id": "{fresh}"}, body={"name": "Person {fresh}"}),),
    "change_person": (refused(ADMIN, "admin", body={"title": "Senior {fresh}"}),),
    "create_credentials": (
        refused(ADMIN, "admin", body={"username": "user.{fresh}", "password": "a long one for {fresh}"}),
    ),
    "create_machine_client": (
        refused(ADMIN, "admin", body={"name": "Client {fresh}", "client_id": "{fresh}", "scopes": ["team:read"]}),
    ),
    "list_machine_clients": (refused(CLIENTS, "admin"),),
    "get_machine_client": (refused(CLIENTS, "admin"),),
    "change_machine_client": (refused(ADMIN, "admin", body={"name": "Client {fresh}"}),),
    "create_machine_client_secret": (refused(ADMIN, "admin", body={}),),
    "create_machine_client_status_change": (
        refused(ADMIN, "admin", path={"client_id": "{idle_client_id}"}, body={"disabled": True, "reason": REASON}),
    ),
    "remove_machine_client_secret": (refused(ADMIN, "admin"),),
    "create_role_change": (
        refused(
            ADMIN,
            "admin",
            path={"person_id": "{newcomer_person}"},
            body={"role": "finance", "change": "granted", "reason": REASON},
        ),
    ),
    "create_superior_change": (
        refused(
            ADMIN,
            "admin",
            path={"person_id": "{newcomer_person}"},
            body={"superior_id": "{superior_person}", "from_date": "{in_twenty_days}", "reason": REASON},
        ),
    ),
    "create_departure": (
        refused(ADMIN, "admin", path={"person_id": "{newcomer_person}"}, body={"on": "{in_twenty_days}"}),
    ),
    "create_business_unit": (refused(ADMIN, "admin", body={"name": "Unit {fresh}"}),),
    "create_business_unit_batch": (
        Ask(
            Fate.REJECTED,
            ADMIN,
            by="admin",
            body={"items": [{"name": "Unit {fresh}", "external_reference": NEW_REFERENCE}]},
        ),
    ),
    "put_business_unit": (refused(ADMIN, "admin", path={"external_id": "{fresh}"}, body={"name": "Unit {fresh}"}),),
    "change_business_unit": (refused(ADMIN, "admin", body={"name": "Unit {fresh}"}),),
    "create_stand_in": (
        refused(
            "the person, a superior of theirs or an administrator agrees on a stand-in",
            "seller",
            body={
                "person_id": "{seller_person}",
                "stand_in_id": "{outsider_person}",
                "from_date": "{in_ten_days}",
                "until_date": "{in_twenty_days}",
            },
        ),
    ),
    "create_assignment_rules": (refused(RULES, "operations", body={"rules": [RULE]}),),
    "list_assignment_rules": (refused(RULES, "operations"),),
    "get_assignment_rules": (refused(RULES, "operations"),),
    "preview_assignment_rules": (refused(RULES, "operations", body={"customers": [{"country": "DE"}]}),),
    "activate_assignment_rules": (
        refused(RULES, "operations", body={"from_date": "{in_twenty_days}", "reason": REASON}),
    ),
    "evaluate_assignments": (refused(RULES, "operations", body={"customers": [{"country": "DE"}]}),),
    "create_stand_in_ending": (refused("those whom it concerns end a stand-in", "superior", body={}),),
}

CUSTOMER = own("customer", "customer", "{customer_id}") | {
    "export_customers": (everybody(EXPORTS, body={"format": "csv"}, served=(202,)),),
    "export_contacts": (everybody(EXPORTS, body={"format": "csv"}, served=(202,)),),
    "create_customer": (
        everybody(NEW_ONE, body=NEW_COMPANY),
        Ask(
            Fate.TAKEN,
            "that a company is known already is what uniqueness has to say; not which one it is",
            body=COMPANY,
            served=(409,),
        ),
        hidden(body=NEW_COMPANY | {"parent_id": "{parent_id}"}),
    ),
    "upsert_customers": (
        Ask(Fate.REJECTED, body={"items": [COMPANY | {"external_reference": REFERENCE, "phone": "1"}]}),
    ),
    "put_customer_by_reference": (
        Ask(
            Fate.TAKEN,
            "whoever imports learns that it is not theirs",
            path=THEIR_REFERENCE,
            body=COMPANY | {"phone": "2"},
        ),
    ),
    "create_intake": (everybody(NEW_ONE, body=NEW_INTAKE),),
    "create_intakes": (everybody(NEW_ONE, body={"items": [NEW_INTAKE]}),),
    "list_intakes": (
        filtered("intake_id"),
        filtered("intake_id", query={"outcome": "review"}),
        filtered("intake_id", query={"entered_by": "{seller_person}", "total": "true"}),
    ),
    "supplement_customer": (hidden(body={"source": {"kind": "visit"}, "industry": "Shoes {fresh}"}),),
    "confirm_customer": (hidden(body={"fields": ["city"]}),),
    "list_outdated_customers": (filtered("customer_id", query={"older_than_days": "0"}),),
    "list_proposed_changes": (
        filtered("change_id"),
        filtered("change_id", query={"customer_id": "{customer_id}"}),
        filtered("change_id", query={"state": "open", "account_manager_id": "{seller_person}"}),
    ),
    "get_proposed_change": (hidden(),),
    "decide_proposed_change": (hidden(body={"decision": "accept", "reason": REASON}),),
    "get_intake": (hidden(),),
    "get_intake_personal_data": (hidden(),),
    "erase_intake_personal_data": (hidden(by="superior"),),
    "check_intake": (hidden(by="superior"),),
    "decide_intake": (hidden(by="superior", body={"decision": "not_a_company", "reason": REASON}),),
    "list_customers": (
        filtered("customer_id"),
        filtered("customer_id", query={"external_system": "scene", "external_id": "{mark}"}),
        filtered("customer_id", query={"search": "{mark}"}),
        filtered("customer_id", query={"account_manager_id": "{seller_person}", "total": "true"}),
    ),
    "check_matches": (
        filtered("customer_id", body={"companies": [COMPANY]}),
        filtered("customer_id", body={"companies": [COMPANY | {"website": "{mark}.com"}]}),
    ),
    "search_customers": (
        filtered("customer_id", query={"q": "{mark}"}),
        filtered("customer_id", query={"q": "{mark}.com"}),
    ),
    "get_customer": (hidden(),),
    "change_customer": (hidden(body={"phone": "123"}),),
    "add_customer_name": (hidden(body={"kind": "brand", "name": "Brand {fresh}"}),),
    "end_customer_name": (hidden(body={}),),
    "add_customer_identifier": (hidden(body={"scheme": "domain", "value": "{fresh}.com"}),),
    "end_customer_identifier": (hidden(body={}),),
    "add_customer_address": (hidden(body={"kind": "other", "line_1": "Street 1", "country": "DE"}),),
    "end_customer_address": (hidden(body={}),),
    "get_customer_hierarchy": (hidden(),),
    "preview_customer_merge": (
        hidden(by="superior", path={"customer_id": "{parent_id}"}, query={"merged_id": "{customer_id}"}),
    ),
    "merge_customer": (
        hidden(
            by="superior",
            path={"customer_id": "{survivor_id}"},
            body={"merged_id": "{duplicate_id}", "survivor_version": 1, "merged_version": 1, "reason": REASON},
        ),
    ),
    "get_relationship_map": (hidden(),),
    "get_group_figures": (hidden(),),
    "list_customer_merges": (hidden(path={"customer_id": "{survivor_id}"}),),
    "undo_customer_merge": (
        hidden(by="superior", path={"customer_id": "{former_survivor_id}"}, body={"reason": REASON}),
    ),
    "change_customer_parent": (hidden(body={"parent_id": "{parent_id}"}),),
    "list_customer_assignments": (hidden(),),
    "assign_customer": (
        hidden(
            path={"customer_id": "{parent_id}"},
            by="superior",
            body={"account_manager_id": "{junior_person}", "reason": REASON},
        ),
    ),
    "get_segmentation": (
        filtered("seller_person", query={"by": "account_manager", "limit": "500"}),
        filtered("seller_person", query={"by": "account_manager", "account_manager_id": "{seller_person}"}),
        hidden(query={"by": "tier", "segment_id": "{segment_id}"}),
    ),
    "get_concentration": (
        filtered("customer_id", query={"top": "500"}),
        hidden(query={"segment_id": "{segment_id}"}),
    ),
    "list_whitespace": (
        filtered("parent_id"),
        filtered("parent_id", query={"country": "DE"}),
        filtered("customer_id", query={"product_line_id": "{unsold_line_id}"}),
    ),
    "get_product_lines_sold": (everybody(CATALOGUE),),
    "get_completeness": (everybody(OWN_BASE),),
    "create_segment": (everybody(OWN_SEGMENT, body={"name": "Segment {fresh}", "filters": {"kind": "customer"}}),),
    "list_segments": (filtered("segment_id"),),
    "delete_segment": (hidden(),),
    "create_classification_scheme": (refused(SCHEMES, "admin", body=SCHEME),),
    "list_classification_schemes": (everybody(CRITERIA),),
    "get_classification_scheme_in_force": (everybody(CRITERIA),),
    "get_classification_scheme": (everybody(CRITERIA, path=FIRST),),
    "preview_classification_scheme": (refused(SCHEMES, "admin", path=FIRST),),
    "list_customers_moved_by_scheme": (refused(SCHEMES, "admin", path=FIRST, query={"to": "not_evaluated"}),),
    "start_classification_scheme": (
        refused(SCHEMES, "admin", path=FIRST, body={"from_date": "2999-12-31", "reason": REASON}, served=(409,)),
    ),
    "get_customer_summary": (hidden(),),
    "list_classification_gaps": (
        filtered("customer_id"),
        filtered("customer_id", query={"gap": "undecided", "account_manager_id": "{seller_person}", "total": "true"}),
    ),
    "list_customer_evaluations": (hidden(),),
    "decide_on_customer_evaluation": (
        hidden(by="superior", body={"decision": "overridden", "tier": "growth", "reason": REASON}),
    ),
    "evaluate_customer": (hidden(body={"scheme_number": 1, "values": [{"criterion": "relationship", "value": 4}]}),),
    "create_reclaim_rules": (
        refused(RECLAIMING, "operations", body={"from_date": "{in_twenty_days}", "is_on": False, "reason": REASON}),
    ),
    "list_reclaim_rules": (everybody("how long one may leave a customer alone is everybody's to know"),),
    "check_activities": (filtered("seller_person", query={"from_date": "2026-01-01", "until_date": "2027-01-01"}),),
    "create_visit_frequencies": (
        refused(
            VISITING,
            "operations",
            body={
                "from_date": "{in_twenty_days}",
                "strategic_days": 30,
                "key_days": 60,
                "growth_days": None,
                "standard_days": None,
                "reason": REASON,
            },
        ),
    ),
    "list_visit_frequencies": (everybody("how often customers are to be visited is everybody's to know"),),
    "check_visits": (filtered("customer_id", query={"from_date": "2026-01-01", "until_date": "2027-01-01"}),),
    "create_coverage": (hidden(body={"contact_id": "{contact_id}", "person_id": "{junior_person}", "every_days": 30}),),
    "list_coverages": (filtered("coverage_id"), filtered("coverage_id", query={"contact_id": "{contact_id}"})),
    "end_coverage": (hidden(body={}),),
    "list_reclaim_notices": (everybody("of what whoever asks looks after; nothing here is neglected yet"),),
    "list_unassigned_customers": (filtered("unassigned_id"), filtered("unassigned_id", query={"why": "returned"})),
    "assign_customers": (
        Ask(
            Fate.REJECTED,
            by="superior",
            body={
                "items": [{"customer_id": "{unassigned_id}", "account_manager_id": "{junior_person}", "reason": REASON}]
            },
        ),
    ),
    "list_customer_tier_changes": (hidden(),),
    "change_customer_tier": (hidden(by="superior", body={"tier": "key", "reason": REASON}),),
    "list_customer_changes": (hidden(),),
    "create_contact": (hidden(body={"customer_id": "{customer_id}", "name": "Contact {fresh}"}),),
    "upsert_contacts": (
        Ask(
            Fate.REJECTED,
            body={
                "items": [
                    {"customer_id": "{customer_id}", "name": "Contact {fresh}", "external_reference": REFERENCE},
                    {"customer_id": "{customer_id}", "name": "Contact {fresh}", "external_reference": NEW_REFERENCE},
                ]
            },
        ),
    ),
    "put_contact_by_reference": (
        Ask(
            Fate.TAKEN,
            "whoever imports learns that it is not theirs",
            path=THEIR_REFERENCE,
            body={"customer_id": "{customer_id}", "name": "Contact {fresh}"},
        ),
    ),
    "list_contacts": (
        filtered("contact_id"),
        filtered("contact_id", query={"customer_id": "{customer_id}"}),
        filtered("contact_id", query={"email": "{mark}@example.com"}),
    ),
    "get_contact": (hidden(),),
    "change_contact": (hidden(body={"title": "Director"}),),
    "create_activity": (hidden(body={"customer_id": "{customer_id}", "subject": "{fresh}"} | VISIT),),
    "list_activities": (
        filtered("activity_id"),
        filtered("activity_id", query={"customer_id": "{customer_id}"}),
        filtered("activity_id", query={"below_id": "{seller_person}", "status": "planned"}),
    ),
    "get_activity": (hidden(),),
    "change_activity": (hidden(body={"subject": "{fresh}"}),),
    "complete_activity": (hidden(path={"activity_id": "{opportunity_activity_id}"}, body={}),),
    "cancel_activity": (hidden(path={"activity_id": "{spare_activity_id}"}, body={"reason": REASON}),),
    "export_personal_data": (hidden(by="superior"),),
    "erase_personal_data": (hidden(by="superior"),),
    "create_lead": (
        everybody(NEW_ONE, body=HEARD | {"company_name": "Company {fresh}"}),
        hidden(body=HEARD | {"customer_id": "{customer_id}"}),
    ),
    "list_leads": (
        filtered("lead_id"),
        filtered("lead_id", query={"customer_id": "{customer_id}"}),
        filtered("lead_id", query={"owner_id": "{seller_person}", "total": "true"}),
    ),
    "get_lead": (hidden(),),
    "change_lead": (hidden(body={"heard": "More {fresh}"}),),
    "list_lead_changes": (hidden(),),
    "drop_lead": (hidden(path={"lead_id": "{spare_lead_id}"}, body={"reason": REASON}),),
    "convert_lead": (hidden(path={"lead_id": "{ready_lead_id}"}, body=HAND_OVER),),
    "hand_over_customer": (hidden(body=HAND_OVER),),
    "create_portfolio_plan": (everybody(NEW_ONE, body=A_PORTFOLIO),),
    "list_portfolio_plans": (filtered("portfolio_plan_id"),),
    "get_portfolio_plan": (hidden(),),
    "change_portfolio_plan": (hidden(body=A_PORTFOLIO),),
    "allocate_portfolio_plan": (hidden(path=SPARE_PORTFOLIO, body={}),),
    "list_portfolio_allocations": (hidden(path=SPARE_PORTFOLIO),),
    "get_portfolio_progress": (hidden(path=SPARE_PORTFOLIO),),
    "approve_portfolio_plan": (
        hidden(path=SPARE_PORTFOLIO, by="superior", body={"in_force_from": "2020-01-01"}, served=(422,)),
    ),
    "revise_portfolio_plan": (hidden(path={"portfolio_plan_id": "{approved_portfolio_id}"}, body={"reason": REASON}),),
    "list_portfolio_parts": (filtered("customer_id"),),
    "list_customer_potentials": (filtered("customer_id"),),
    "get_customer_potential": (hidden(),),
    "choose_target_customer": (hidden(body={"period": "2035", "why": REASON}),),
    "end_target_customer": (hidden(path={"target_id": "{spare_target_id}"}, body={"reason": REASON}),),
    "list_target_customers": (filtered("target_id"), filtered("target_id", query={"period": "2030"})),
    "assess_customer_need": (hidden(body=A_NEED),),
    "list_customer_needs": (hidden(),),
    "list_key_proposals": (filtered("key_proposal_id"),),
    "decide_on_key_proposal": (hidden(by="superior", body={"accept": False, "reason": REASON}),),
    "assess_competition": (
        hidden(body={"competitor_id": "{competitor_id}", "assessed_on": "2026-01-05", "criteria": [A_CRITERION]}),
    ),
    "list_competitive_assessments": (hidden(),),
    "write_competitive_strategy": (hidden(body={"upon": 0, "stance": "attack", "strategy": "Strategy {fresh}"}),),
    "list_competitive_strategies": (hidden(),),
    "create_account_plan": (hidden(body={"customer_id": "{customer_id}", "year": 2040}),),
    "list_account_plans": (filtered("account_plan_id"), filtered("account_plan_id", query={"year": "2030"})),
    "get_account_plan": (hidden(),),
    "change_account_plan": (hidden(body={"strategy": "Strategy {fresh}"}),),
    "submit_account_plan": (hidden(path={"account_plan_id": "{spare_plan_id}"}, body={"version": 1}),),
    "list_account_plan_submissions": (hidden(path={"account_plan_id": "{submitted_plan_id}"}),),
    "decide_on_account_plan": (
        hidden(
            path={"account_plan_id": "{submitted_plan_id}"},
            by="superior",
            body={"submission": 1, "decision": "returned", "comment": REASON},
        ),
    ),
    "complete_account_plan_measure": (
        hidden(path={"account_plan_id": "{approved_plan_id}"}, body={"on": "2026-01-05"}),
    ),
    "list_account_plan_standings": (filtered("account_plan_id", query={"year": "2030"}),),
    "count_account_plan_standings": (everybody("counts of whoever asks", query={"year": "2030"}),),
    "set_account_plan_year": (refused(OPERATIONS, "operations", path={"year": "2030"}, body={"due_on": "2030-01-31"}),),
    "list_account_plan_years": (everybody("by when plans are due is everybody's to know"),),
}

CHANCES = "how likely a win is from each stage is told with every opportunity"
REPORT: tuple[Ask, ...] = (
    everybody("the own line", query={"scope": "subtree"}),
    hidden(query={"scope": "customer", "customer_id": "{customer_id}"}),
    Ask(
        Fate.REFUSED,
        "whom one may not look at is as if not there",
        query={"scope": "person", "person_id": "{seller_person}"},
    ),
    Ask(Fate.REFUSED, "the whole company's funnel needs a role", query={"scope": "everything"}, by="operations"),
)

RESOURCES = {
    "what": "Mould samples {fresh}",
    "quantity": "2",
    "unit": "days",
    "needed_on": "2999-01-01",
    "why": "The customer decides by a wear test.",
}
OPPORTUNITY = own("opportunity", "opportunity", "{opportunity_id}") | {
    "export_opportunities": (everybody(EXPORTS, body={"format": "csv"}, served=(202,)),),
    "export_products": (everybody(EXPORTS, body={"format": "csv"}, served=(202,)),),
    "export_exchange_rates": (everybody(EXPORTS, body={"format": "csv"}, served=(202,)),),
    "get_funnel_definition": (everybody("how we sell is no secret among us"),),
    "list_funnel_definitions": (everybody("how we sell is no secret among us"),),
    "get_current_funnel_definition": (everybody("how we sell is no secret among us"),),
    "create_funnel_draft": (refused(OPERATIONS, "operations", body=NEW_FUNNEL),),
    "get_funnel_draft": (refused(OPERATIONS, "operations"),),
    "replace_funnel_draft": (refused(OPERATIONS, "operations", body=NEW_FUNNEL),),
    "move_to_funnel_version": (
        refused(
            OPERATIONS,
            "operations",
            body={"items": [{"opportunity_id": "{opportunity_id}", "to_version": 1, "reason": REASON}]},
        ),
    ),
    "move_all_to_funnel_version": (
        refused(
            OPERATIONS,
            "operations",
            path={"version": "1"},
            body={"from_version": 1, "reason": REASON},
            served=(422,),
        ),
    ),
    "publish_funnel_draft": (refused(OPERATIONS, "operations", body={"draft_version": 0}, served=(412,)),),
    "discard_funnel_draft": (refused(OPERATIONS, "operations"),),
    "list_product_lines": (everybody(CATALOGUE),),
    "get_product_line": (everybody(CATALOGUE),),
    "list_products": (everybody(CATALOGUE),),
    "get_product": (everybody(CATALOGUE),),
    "list_exchange_rates": (everybody(CATALOGUE),),
    "create_product_line": (refused(OPERATIONS, "operations", body=NEW_LINE),),
    "import_product_lines": (refused(OPERATIONS, "operations", body={"items": [NEW_LINE]}),),
    "change_product_line": (refused(OPERATIONS, "operations", body={"name": "Line {fresh}"}),),
    "create_product": (refused(OPERATIONS, "operations", body=NEW_PRODUCT),),
    "import_products": (
        refused(OPERATIONS, "operations", body={"items": [NEW_PRODUCT | {"external_reference": NEW_REFERENCE}]}),
    ),
    "change_product": (refused(OPERATIONS, "operations", body={"name": "Product {fresh}"}),),
    "set_exchange_rate": (refused(OPERATIONS, "operations", body=RATE),),
    "import_exchange_rates": (refused(OPERATIONS, "operations", body={"items": [RATE | {"date": "2020-02-01"}]}),),
    "create_opportunity": (
        everybody(NEW_ONE, body={"name": "Opportunity {fresh}", "currency": "USD"}),
        hidden(body={"name": "Opportunity {fresh}", "currency": "USD", "customer_id": "{customer_id}"}),
    ),
    "import_opportunities": (
        refused(
            OPERATIONS,
            "operations",
            body={
                "items": [
                    {
                        "name": "Opportunity {fresh}",
                        "currency": "USD",
                        "principal_id": "{seller_person}",
                        "external_reference": NEW_REFERENCE,
                    }
                ]
            },
        ),
    ),
    "put_opportunity": (
        refused(
            OPERATIONS,
            "operations",
            path={"external_id": "{fresh}"},
            body={"name": "Opportunity {fresh}", "currency": "USD", "principal_id": "{seller_person}"},
        ),
    ),
    "list_opportunities": (
        filtered("opportunity_id"),
        filtered("opportunity_id", query={"principal_id": "{seller_person}", "total": "true"}),
        filtered("opportunity_id", query={"customer_id": "{customer_id}"}),
        filtered("opportunity_id", query={"external_system": "scene", "external_id": "{mark}"}),
        filtered("opportunity_id", query={"search": "{mark}"}),
    ),
    "get_opportunity": (hidden(),),
    "change_opportunity": (hidden(body={"expected_close": "{in_ten_days}"}),),
    "list_criteria": (hidden(),),
    "mark_criterion": (hidden(body={"note": "seen"}),),
    "unmark_criterion": (hidden(),),
    "assign_duty": (hidden(path={"criterion": "offer_sent"}, body={"due_on": "{in_ten_days}"}),),
    "withdraw_duty": (hidden(path={"criterion": "offer_sent"}),),
    "list_duties": (
        filtered("duty_id"),
        filtered("duty_id", query={"owner_id": "{seller_person}", "total": "true"}),
        filtered("duty_id", query={"opportunity_id": "{opportunity_id}"}),
    ),
    "list_stage_history": (hidden(),),
    "create_resource_request": (hidden(body=RESOURCES),),
    "list_opportunity_resource_requests": (hidden(),),
    "list_resource_requests": (filtered("resources_id", query={"relation": "mine"}),),
    "get_resource_request": (hidden(path={"request_id": "{resources_id}"}),),
    "approve_resource_request": (hidden(path={"request_id": "{resources_id}"}, by="superior", body={}),),
    "return_resource_request": (
        hidden(path={"request_id": "{returnable_id}"}, by="superior", body={"comment": REASON}),
    ),
    "resubmit_resource_request": (hidden(path={"request_id": "{returnable_id}"}, body=RESOURCES, served=(201, 409)),),
    "reject_resource_request": (
        hidden(path={"request_id": "{rejectable_id}"}, by="superior", body={"comment": REASON}),
    ),
    "withdraw_resource_request": (hidden(path={"request_id": "{spare_resources_id}"}, body={}),),
    "create_stage_change": (hidden(body={"to_stage": "selected"}),),
    "create_probability_change": (hidden(body={"probability": "0.4", "reason": REASON}, served=(201, 409)),),
    "list_probability_changes": (hidden(),),
    "import_assessments": (
        refused(
            OPERATIONS,
            "operations",
            body={
                "items": [
                    {
                        "external_reference": NEW_REFERENCE,
                        "opportunity_id": "{opportunity_id}",
                        "answers": {"budget_ready": "yes"},
                    }
                ]
            },
        ),
    ),
    "get_score_distribution": REPORT,
    "get_score_win_rates": REPORT,
    "get_question_win_rates": REPORT,
    "assess_opportunity": (hidden(body={"answers": {"budget_ready": "yes"}}),),
    "list_assessments": (hidden(),),
    "get_current_assessment": (hidden(),),
    "get_assessment": (hidden(),),
    "create_assessment_model": (refused(MODELS, "operations", body=MODEL),),
    "list_assessment_models": (everybody(QUESTIONS),),
    "get_current_assessment_model": (everybody(QUESTIONS),),
    "get_assessment_model": (everybody(QUESTIONS, path=FIRST),),
    "publish_assessment_model": (refused(MODELS, "operations", path=FIRST, body={"reason": REASON}, served=(409,)),),
    "get_sales_team": (hidden(),),
    "add_sales_team_member": (hidden(body={"person_id": "{outsider_person}", "role": "delivery"}),),
    "end_sales_team_membership": (hidden(),),
    "set_splits": (hidden(body={"shares": [{"person_id": "{seller_person}", "share": "1"}]}),),
    "list_principals": (hidden(),),
    "create_funnel_calibration": (refused(OPERATIONS, "operations", body={}),),
    "list_funnel_calibrations": (everybody(CHANCES),),
    "get_funnel_calibration": (everybody(CHANCES),),
    "create_probability_choice": (refused(OPERATIONS, "operations", body={"source": "stage", "reason": REASON}),),
    "list_probability_choices": (everybody(CHANCES),),
    "get_funnel": REPORT,
    "get_conversion": REPORT,
    "get_stage_times": REPORT,
    "get_win_rate": REPORT,
    "get_velocity": REPORT,
    "get_ageing": REPORT,
    "get_movement": REPORT,
    "list_moved_opportunities": tuple(replace(ask, query=ask.query | {"part": "won"}) for ask in REPORT),
    "set_baseline": (
        hidden(body=BASELINE | {"scope": "person", "person_id": "{seller_person}"}, by="superior"),
        hidden(body=BASELINE | {"scope": "customer", "customer_id": "{customer_id}"}, by="superior"),
        Ask(
            Fate.REFUSED,
            "what the house is measured by needs a role",
            body=BASELINE | {"scope": "everything"},
            by="operations",
        ),
    ),
    "list_baselines": (
        everybody("the own line", query={"scope": "subtree"}),
        hidden(query={"scope": "person", "person_id": "{seller_person}"}),
    ),
    "list_health_notices": (
        filtered("health_notice_id"),
        filtered("health_notice_id", query={"person_id": "{seller_person}"}),
    ),
    "end_baseline": (hidden(by="superior", body={"from_date": "{in_ten_days}", "reason": REASON}),),
    "create_outcome": (hidden(body={"outcome": "lost", "loss_reason": "price"}),),
    "change_contract": (hidden(path={"opportunity_id": "{won_id}"}, body={"contract_until": "2999-12-31"}),),
    "create_reopening": (hidden(path={"opportunity_id": "{won_id}"}, body={"to_stage": "selected", "reason": REASON}),),
    "create_principal_change": (
        hidden(
            path={"opportunity_id": "{won_id}"},
            by="superior",
            body={"principal_id": "{junior_person}", "reason": REASON},
        ),
    ),
}

FORECAST = own("forecast", "forecast", "{forecast_id}") | {
    "export_forecast_cycles": (everybody(EXPORTS, body={"format": "csv"}, served=(202,)),),
    "list_forecast_cycles": (everybody(CYCLES),),
    "get_forecast_cycle": (everybody(CYCLES),),
    "list_frozen_rates": (everybody(CYCLES),),
    "create_forecast_cycle": (
        refused(
            OPERATIONS,
            "operations",
            body={
                "name": "Cycle {fresh}",
                "period": {"kind": "month", "start": "2026-11-01"},
                "currency": "USD",
            },
        ),
    ),
    "open_forecast_cycle": (refused(OPERATIONS, "operations", path={"cycle_id": "{draft_cycle_id}"}),),
    "list_seats": (filtered("seat_id"),),
    "list_candidates": (
        filtered("opportunity_id"),
        hidden(query={"seat_id": "{seat_id}"}),
    ),
    "confirm_opportunity": (
        hidden(
            served=(201, 409, 422),
            body={"opportunity_id": "{opportunity_id}", "opportunity_version": 1, "category": "commit"},
        ),
    ),
    "gather_forecast": (
        everybody("the own seat"),
        hidden(body={"seat_id": "{seat_id}"}),
    ),
    "list_forecasts": (
        filtered("forecast_id", query={"cycle_id": "{cycle_id}"}),
        filtered("forecast_id", query={"cycle_id": "{cycle_id}", "person_id": "{seller_person}"}),
        filtered("forecast_id", query={"cycle_id": "{cycle_id}", "seat_id": "{seat_id}"}),
    ),
    "get_roll_up": (filtered("seat_id"),),
    "list_missing_forecasts": (
        filtered("seat_id"),
        hidden(query={"below_seat_id": "{seat_id}"}),
        hidden(query={"superior_seat_id": "{seat_id}"}),
    ),
    "get_forecast_progress": (
        everybody("counts of the seats that one may see"),
        hidden(query={"seat_id": "{seat_id}"}),
    ),
    "list_unit_forecasts": (everybody("what the units have that one heads"),),
    "list_forecast_tops": (
        everybody("the tops that one sees"),
        filtered("top_seat_id", by="head"),
    ),
    "list_forecast_snapshots": (
        filtered("seat_id"),
        filtered("seat_id", query={"seat_id": "{seat_id}"}),
    ),
    "list_forecast_history": (hidden(),),
    "get_forecast_movement": (hidden(),),
    "list_forecast_reminders": (
        filtered("reminder_id"),
        filtered("reminder_id", query={"person_id": "{seller_person}"}),
        filtered("reminder_id", query={"seat_id": "{seat_id}"}),
    ),
    "get_forecast_accuracy": (
        everybody("whoever asks, of the seats that they see"),
        hidden(query={"seat_id": "{seat_id}"}),
        refused(BY_ORDERS, "operations", query={"actuals": "orders"}),
    ),
    "get_forecast_track": (hidden(query={"seat_id": "{seat_id}"}),),
    "list_suggested_revisions": (
        filtered("seat_id"),
        filtered("seat_id", query={"person_id": "{seller_person}"}),
    ),
    "list_product_accuracy": (
        everybody("whoever asks, of the seats that they see"),
        hidden(query={"seat_id": "{seat_id}"}),
        refused(BY_ORDERS, "operations", query={"actuals": "orders"}),
    ),
    "list_seat_accuracy": (filtered("seat_id"), hidden(query={"seat_id": "{seat_id}"})),
    "suggest_figures": (refused(OPERATIONS, "operations", body={"as_of": "2999-01-01"}, served=(422,)),),
    "list_suggestions": (everybody(CYCLES),),
    "list_suggested_figures": (everybody("figures of the seats that one may see"),),
    "get_forecast": (hidden(),),
    "get_customer_forecast": (filtered("cycle_id"),),
    "confirm_adjustment": (hidden(),),
    "withdraw_adjustment": (hidden(),),
    "adjust_forecast": (
        hidden(body={"mode": "ratio", "value": "0.9", "report_id": "{junior_person}", "reason": REASON}),
    ),
    "approve_forecast": (hidden(path={"forecast_id": "{report_forecast_id}"}),),
    "submit_forecast": (hidden(),),
    "list_forecast_lines": (hidden(),),
    "return_forecast": (hidden(path={"forecast_id": "{report_forecast_id}"}, body={"comment": REASON}),),
    "add_seat": (
        refused(
            "the superiors in the frozen line, or sales operations, add a seat",
            "operations",
            body={"person_id": "{outsider_person}", "superior_id": "{seller_person}", "reason": REASON},
            served=(201, 409),
        ),
    ),
    "pass_seat": (
        hidden(
            by="seller",
            path={"seat_id": "{junior_seat_id}"},
            body={"successor_id": "{newcomer_person}", "reason": REASON},
            served=(201, 409),
        ),
    ),
    "list_forecast_sources": (filtered("source_id"),),
    "create_forecast_source": (refused(SOURCES, "operations", body=NEW_SOURCE),),
    "import_forecast_sources": (
        Ask(
            Fate.REJECTED,
            by="operations",
            body={"items": [NEW_SOURCE | {"external_reference": NEW_REFERENCE}]},
        ),
    ),
    "get_forecast_source": (hidden(),),
    "change_forecast_source": (hidden(by="operations", body={"name": "Source {fresh}"}),),
    "close_forecast_source": (hidden(by="operations", path={"source_id": "{spare_source_id}"}),),
    "list_channel_forecasts": (
        filtered("channel_forecast_id"),
        filtered("channel_forecast_id", query={"source_id": "{source_id}"}),
    ),
    "submit_channel_forecast": (hidden(body=CHANNEL_FORECAST),),
    "import_channel_forecasts": (Ask(Fate.REJECTED, body={"items": [CHANNEL_FORECAST]}),),
    "list_forecast_comparisons": (filtered("comparison_id", by="operations"),),
    "gather_forecast_comparison": (
        refused(
            COMPARING,
            "operations",
            body={"cycle_id": "{done_cycle_id}", "business_unit_id": "{market_unit_id}"},
        ),
    ),
    "get_forecast_comparison": (hidden(by="operations"),),
    "list_compared_lines": (hidden(by="operations"),),
    "decide_compared_lines": (
        hidden(by="operations", body={"version": 1, "decisions": [SALES_STAND]}, served=(201, 409, 412, 422)),
    ),
    "list_comparison_decisions": (hidden(by="operations"),),
    "set_comparison_tolerance": (
        hidden(by="operations", body={"version": 1, "tolerance": "0.5", "reason": REASON}, served=(201, 412)),
    ),
    "get_channel_forecast": (hidden(),),
    "list_channel_forecast_lines": (hidden(),),
    "publish_demand_plan": (
        refused(
            "marketing or sales operations publishes",
            "operations",
            path={"cycle_id": "{done_cycle_id}"},
            served=(201, 409),
        ),
    ),
    "list_demand_plans": (filtered("plan_id", by="planner"),),
    "get_demand_plan": (hidden(by="planner"),),
    "list_demand_plan_lines": (hidden(by="planner"),),
    "get_demand_plan_file": (hidden(by="planner"),),
    "get_erp_readiness": (hidden(by="planner", query={"system": "{erp}"}),),
    "list_erp_systems": (filtered("system_id", by="planner"),),
    "get_erp_system": (hidden(by="planner"),),
    "create_erp_system": (refused(ERP, "planner", body={"name": "erp-{fresh}", "kind": "odoo"}),),
    "change_erp_system": (hidden(by="planner", body={"company": "Company {fresh}"}),),
    "list_erp_references": (filtered("reference_id", by="planner"),),
    "export_erp_references": (everybody(EXPORTS, body={"format": "csv"}, served=(202,)),),
    "create_erp_reference": (refused(ERP, "planner", body=ERP_CODE),),
    "import_erp_references": (refused(ERP, "planner", body={"items": [ERP_CODE]}),),
    "get_erp_reference": (hidden(by="planner"),),
    "change_erp_reference": (hidden(by="planner", body={"code": "Code {fresh}"}),),
    "list_confirmed_orders": (filtered("order_id", by="planner"),),
    "export_confirmed_orders": (everybody(EXPORTS, body={"format": "csv"}, served=(202,)),),
    "create_confirmed_order": (refused(ERP, "planner", body=NEW_ORDER),),
    "import_confirmed_orders": (refused(ERP, "planner", body={"items": [NEW_ORDER]}),),
    "get_confirmed_order": (hidden(by="planner"),),
    "change_confirmed_order": (hidden(by="planner", body={"state": "delivered"}),),
    "delete_erp_reference": (hidden(by="planner", served=(204,)),),
    "trace_demand_plan_line": (hidden(by="planner"),),
    "list_demand_plan_line_parts": (hidden(by="planner"),),
    "tell_demand_plan_handover": (hidden(by="planner"),),
    "acknowledge_demand_plan": (hidden(by="erp", body={}),),
    "answer_demand_plan_lines": (
        hidden(by="erp", body={"answers": [{"line_id": "{plan_line_id}", "verdict": "acknowledged"}]}),
    ),
    "list_demand_plan_handovers": (filtered("handover_id", by="planner"), filtered("handover_id", by="erp")),
    "get_demand_plan_handover": (hidden(by="planner"), hidden(by="erp")),
    "list_demand_plan_handover_lines": (hidden(by="planner"),),
    "list_demand_plan_answers": (hidden(by="planner"),),
}

TABLE = {"team": TEAM, "customer": CUSTOMER, "opportunity": OPPORTUNITY, "forecast": FORECAST}
