"""The first walk, by nothing but the typed functions of the generated client.

Reads where to go and by which sign-ins as JSON from standard input, and writes what it met to standard output.
"""

import datetime as dt
import json
import sys
import time
from dataclasses import dataclass
from typing import Any, TypeVar
from uuid import UUID, uuid4

from keyaccount_client import AuthenticatedClient, Client
from keyaccount_client.api.catalogue import create_product, create_product_line
from keyaccount_client.api.customers import change_customer, create_customer, list_customers
from keyaccount_client.api.demand_plans import get_demand_plan, publish_demand_plan
from keyaccount_client.api.forecast_cycles import (
    confirm_opportunity,
    create_forecast_cycle,
    list_candidates,
    open_forecast_cycle,
)
from keyaccount_client.api.forecasts import approve_forecast, gather_forecast, get_roll_up, submit_forecast
from keyaccount_client.api.funnel import create_stage_change, get_funnel, mark_criterion
from keyaccount_client.api.opportunities import create_opportunity, get_opportunity
from keyaccount_client.api.people import create_person
from keyaccount_client.api.sign_in import create_credentials, create_token, get_me
from keyaccount_client.models import (
    CandidateAnswer,
    Category,
    ConfirmationAnswer,
    ConfirmationRequest,
    CredentialsAnswer,
    CredentialsInput,
    CriteriaAnswer,
    CriterionRequest,
    CustomerAnswer,
    CustomerInput,
    CustomerKind,
    CustomerPatch,
    CycleAnswer,
    CycleRequest,
    DemandPlanAnswer,
    ForecastAnswer,
    FunnelAnswer,
    MeAnswer,
    MoneyField,
    OpeningAnswer,
    OpportunityAnswer,
    OpportunityLineInput,
    OpportunityRequest,
    PageOfCandidateAnswer,
    PageOfCustomerSummary,
    PeriodField,
    PeriodKind,
    PersonAnswer,
    PersonInput,
    Problem,
    ProductAnswer,
    ProductLineAnswer,
    ProductLineRequest,
    ProductRequest,
    RollUpAnswer,
    ScopeKind,
    StageChangeRequest,
    TokenAnswer,
    TokenForm,
    TokenFormGrantType,
)
from keyaccount_client.types import Response

A = TypeVar("A")
PATIENCE_SECONDS = 30.0
PASSWORD = "a long one, for the walk"
Told = dict[str, Any]


def done(response: Response[Any], kind: type[A]) -> A:
    """Return what an operation that must succeed answered."""
    if not isinstance(response.parsed, kind):
        raise SystemExit(f"{response.status_code}: {response.content.decode()}")
    return response.parsed


def refused(response: Response[Any]) -> Problem:
    """Return why an operation that must not succeed was refused."""
    return done(response, Problem)


def key() -> str:
    return str(uuid4())


@dataclass
class Walk:
    """Who walks, and what has been made on the way."""

    url: str
    admin: AuthenticatedClient
    operations: AuthenticatedClient
    seller: AuthenticatedClient
    seller_id: UUID
    told: Told


def signed_in(url: str, form: TokenForm) -> AuthenticatedClient:
    with Client(base_url=url) as client:
        token = done(create_token.sync_detailed(client=client, body=form), TokenAnswer)
    return AuthenticatedClient(base_url=url, token=token.access_token)


def begun(given: dict[str, Any]) -> Walk:
    """Sign in, and have a seller of one's own."""
    url = given["url"]
    admin = signed_in(url, TokenForm(grant_type=TokenFormGrantType.PASSWORD, **given["admin"]))
    operations = signed_in(url, TokenForm(grant_type=TokenFormGrantType.CLIENT_CREDENTIALS, **given["import_client"]))
    name = f"walker-{key()[:8]}"
    person = done(
        create_person.sync_detailed(client=admin, body=PersonInput(name=name), idempotency_key=key()), PersonAnswer
    )
    credentials = CredentialsInput(username=name, password=PASSWORD)
    done(
        create_credentials.sync_detailed(person.id, client=admin, body=credentials, idempotency_key=key()),
        CredentialsAnswer,
    )
    seller = signed_in(url, TokenForm(grant_type=TokenFormGrantType.PASSWORD, username=name, password=PASSWORD))
    me = done(get_me.sync_detailed(client=seller), MeAnswer)
    return Walk(url, admin, operations, seller, person.id, {"seller_is_known": me.person_id == person.id})


def meet(walk: Walk) -> CustomerAnswer:
    """Enter a customer, twice by one key, and change it by its version."""
    body = CustomerInput(kind=CustomerKind.CUSTOMER, legal_name=f"Walk {key()[:8]} GmbH", country="DE", city="Köln")
    one_key = key()
    made = done(create_customer.sync_detailed(client=walk.seller, body=body, idempotency_key=one_key), CustomerAnswer)
    again = create_customer.sync_detailed(client=walk.seller, body=body, idempotency_key=one_key)
    walk.told["replayed"] = [done(again, CustomerAnswer) == made, again.headers.get("idempotent-replayed")]
    patch = CustomerPatch(city=None, website="walk.example.com")
    stale = change_customer.sync_detailed(made.id, client=walk.seller, body=patch, if_match='"99"')
    walk.told["stale"] = refused(stale).status
    changed = done(
        change_customer.sync_detailed(made.id, client=walk.seller, body=patch, if_match=f'"{made.version}"'),
        CustomerAnswer,
    )
    walk.told["changed"] = [changed.city, changed.website, changed.version]
    listed = done(list_customers.sync_detailed(client=walk.seller, limit=1, total=True), PageOfCustomerSummary)
    walk.told["customers"] = [len(listed.items), listed.total]
    return changed


def sell(walk: Walk, customer: CustomerAnswer) -> OpportunityAnswer:
    """Enter an opportunity and move it, past a refusal that says what is missing."""
    line = done(
        create_product_line.sync_detailed(client=walk.operations, body=ProductLineRequest(name=f"Line {key()[:8]}")),
        ProductLineAnswer,
    )
    wanted = ProductRequest(
        code=f"W-{key()[:8]}", name="Walking sole", product_line_id=line.id, unit="pair", unit_is_whole=True
    )
    product = done(create_product.sync_detailed(client=walk.operations, body=wanted), ProductAnswer)
    terms = OpportunityRequest(
        name="Soles for walking",
        currency="USD",
        customer_id=customer.id,
        amount=MoneyField(amount="330.33", currency="USD"),
        expected_close=_last_day_of_the_quarter(),
        lines=[OpportunityLineInput(product_id=product.id, quantity="33", unit_price="10.01")],
    )
    made = done(
        create_opportunity.sync_detailed(client=walk.seller, body=terms, idempotency_key=key()), OpportunityAnswer
    )
    move = StageChangeRequest(to_stage="shortlist")
    problem = refused(create_stage_change.sync_detailed(made.id, client=walk.seller, body=move))
    missing = problem.additional_properties["missing"]
    walk.told["refused"] = [problem.status, problem.code, missing]
    for duty in missing:
        mark = mark_criterion.sync_detailed(made.id, duty, client=walk.seller, body=CriterionRequest())
        done(mark, CriteriaAnswer)
    moved = create_stage_change.sync_detailed(made.id, client=walk.seller, body=move, idempotency_key=key())
    walk.told["stage"] = done(moved, OpportunityAnswer).stage
    seen = done(get_opportunity.sync_detailed(made.id, client=walk.seller), OpportunityAnswer)
    walk.told["amount"] = [seen.amount.amount, seen.amount.currency] if seen.amount else None
    funnel = done(get_funnel.sync_detailed(client=walk.seller, scope=ScopeKind.SUBTREE), FunnelAnswer)
    walk.told["funnel"] = [funnel.open_.count, funnel.open_.amount, funnel.won.count, funnel.simulated_count]
    return seen


def forecast(walk: Walk, opportunity: OpportunityAnswer) -> None:
    """Confirm, gather, submit, approve, and publish what production is to prepare."""
    request = CycleRequest(
        name=f"Walk {key()[:8]}",
        currency="USD",
        period=PeriodField(kind=PeriodKind.QUARTER, start=_first_day_of_the_quarter()),
        head_ids=[walk.seller_id],
    )
    cycle = done(create_forecast_cycle.sync_detailed(client=walk.operations, body=request), CycleAnswer)
    done(open_forecast_cycle.sync_detailed(cycle.id, client=walk.operations), OpeningAnswer)
    candidate = _candidate(walk, cycle, opportunity)
    sure = ConfirmationRequest(
        category=Category.COMMIT, opportunity_id=candidate.id, opportunity_version=candidate.version
    )
    confirmed = confirm_opportunity.sync_detailed(cycle.id, client=walk.seller, body=sure, idempotency_key=key())
    walk.told["confirmed"] = done(confirmed, ConfirmationAnswer).stated.amount
    draft = done(gather_forecast.sync_detailed(cycle.id, client=walk.seller), ForecastAnswer)
    submitted = done(submit_forecast.sync_detailed(draft.id, client=walk.seller), ForecastAnswer)
    approved = done(approve_forecast.sync_detailed(submitted.id, client=walk.operations), ForecastAnswer)
    walk.told["forecast"] = [draft.state, draft.result, submitted.state, approved.state]
    levels = done(get_roll_up.sync_detailed(cycle.id, client=walk.seller), RollUpAnswer).levels
    walk.told["levels"] = [[level.person_id == walk.seller_id, level.result] for level in levels]
    published = done(publish_demand_plan.sync_detailed(cycle.id, client=walk.operations), DemandPlanAnswer)
    plan = done(get_demand_plan.sync_detailed(published.id, client=walk.operations), DemandPlanAnswer)
    walk.told["plan"] = [plan.total, [[each.quantity, each.amount] for each in plan.lines]]


def _candidate(walk: Walk, cycle: CycleAnswer, opportunity: OpportunityAnswer) -> CandidateAnswer:
    """Return it as the forecast knows it, as soon as the event of it has come."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        page = done(list_candidates.sync_detailed(cycle.id, client=walk.seller), PageOfCandidateAnswer)
        for candidate in page.items:
            if candidate.id == opportunity.id and candidate.version >= opportunity.version:
                return candidate
        time.sleep(0.02)
    raise SystemExit("the opportunity is not among the candidates")


def _first_day_of_the_quarter() -> dt.date:
    today = dt.datetime.now(dt.UTC).date()
    return today.replace(month=today.month - (today.month - 1) % 3, day=1)


def _last_day_of_the_quarter() -> dt.date:
    return _first_day_of_the_quarter() + dt.timedelta(days=85)


def main() -> None:
    walk = begun(json.load(sys.stdin))
    opportunity = sell(walk, meet(walk))
    forecast(walk, opportunity)
    json.dump(walk.told, sys.stdout)


if __name__ == "__main__":
    main()
