"""What became of the items of a job that runs a batch operation: one line of JSON for each, kept with its chunk."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

import orjson

from servicekit.data.transactions import Writing
from servicekit.jobs.turns import Progress, Turn


async def keep_outcomes(turn: Turn, tx: Writing, outcomes: Sequence[dict[str, Any]]) -> None:
    """Keep the outcomes of a chunk, and count it as done, in the transaction of its effect."""
    before, number = turn.job.done, turn.job.chunk
    lines = [orjson.dumps(one | {"index": before + one["index"]}, default=str) for one in outcomes]
    await turn.add_parts(tx, "outcome", [b"\n".join(lines) + b"\n"], start=number)
    counts = Counter(str(one["outcome"]) for one in outcomes)
    await turn.advance(tx, Progress(done=len(outcomes), counts=counts, position=turn.following))
