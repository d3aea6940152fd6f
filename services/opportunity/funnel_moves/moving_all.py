"""The job that moves everything that runs on a version of the funnel: chunk by chunk, through the batch operation.

So each chunk commits with the job's progress, as whoever asked for it and with the roles that they have then. What is
moved does not run on the old version any more: a second job for the same finds only what is left.
"""

from uuid import UUID

import orjson

from servicekit.data.transactions import reading
from servicekit.jobs.turns import Progress, Turn
from servicekit.web.jobs.importing import run_batch
from servicekit.web.jobs.inside import Inside
from services.opportunity.funnel_moves.rules import MOVED_AT_ONCE
from services.opportunity.funnel_moves.store import FIRST, Running, next_running

KIND = "funnel_move"
BATCHES = "/v1/funnel-definitions/moves/batches"


class MovingAll:
    """Does such jobs; the position is the last id that was looked at."""

    def __init__(self, inside: Inside) -> None:
        self._inside = inside

    async def __call__(self, turn: Turn) -> bool:
        """Move the next ones, in the order of ids."""
        asked, position = turn.job.request, turn.job.position or {}
        person_id = asked["person_id"]
        running = Running(asked["from_version"], asked["scope"], UUID(person_id) if person_id else None)
        after = UUID(position["after"]) if position else FIRST
        async with reading(turn.database) as questions:
            found = await next_running(questions, running, after, MOVED_AT_ONCE)
        if not found:
            async with turn.writing() as tx:
                await turn.advance(tx, Progress(position=position, total=turn.job.done))
                await turn.succeed(tx)
            return False
        turn.following = {"after": str(found[-1])}
        same = {"to_version": asked["to_version"], "reason": asked["reason"]}
        body = orjson.dumps({"items": [{"opportunity_id": str(each)} | same for each in found]})
        await run_batch(self._inside, turn, BATCHES, body=body)
        return True
