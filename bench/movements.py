"""What moved in a pipeline over a quarter: the company's, a manager's, and what is behind."""

from datetime import timedelta

from bench.data import Data
from bench.operations import SLOTS, Operation, Request, Token
from servicekit.values.dates import quarter_before, quarter_of


async def movement_operations(data: Data, token: Token) -> list[Operation]:
    """Return the movements over the quarter before the present one, that so far, and what is behind a part."""
    present = quarter_of(data.pipeline.now.date())
    days = f"from_date={quarter_before(present).start - timedelta(days=1)}&to_date={present.start - timedelta(days=1)}"
    so_far = f"from_date={present.start - timedelta(days=1)}"
    staff = data.staff
    whole, below = "scope=everything", f"scope=subtree&person_id={staff.manager.id}"
    asked = {
        "movement_of_company": (f"{whole}&{days}", staff.operations),
        "movement_of_company_so_far": (f"{whole}&{so_far}", staff.operations),
        "movement_of_manager": (f"{below}&{days}&by=below", staff.manager),
        "movement_of_small_manager": (
            f"scope=subtree&person_id={staff.small_manager.id}&{days}&by=below",
            staff.small_manager,
        ),
    }
    found = {
        name: Request("GET", f"/v1/funnel/movement?{query}", token(who.id)) for name, (query, who) in asked.items()
    }
    behind = f"/v1/funnel/movement/opportunities?{below}&{days}&part=won&limit=50"
    found["moved_of_manager"] = Request("GET", behind, token(staff.manager.id))
    return [Operation(name, [[request]] * SLOTS, [request]) for name, request in found.items()]
