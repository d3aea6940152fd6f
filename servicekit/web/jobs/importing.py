"""The import of a job: each chunk goes through its batch operation, as if sent by whoever asked."""

from servicekit.jobs.turns import Refused, Turn
from servicekit.web.jobs.inside import Inside
from servicekit.web.jobs.refusals import ResultForgotten
from servicekit.web.problems import problem_of

KIND = "import"


class Importing:
    """Does imports; what came in is `input`, one batch of at most 50 items to a piece."""

    def __init__(self, inside: Inside) -> None:
        self._inside = inside

    async def __call__(self, turn: Turn) -> bool:
        """Do the next chunk."""
        number = turn.job.chunk
        body = await turn.part("input", number)
        if body is None:
            if turn.job.done != turn.job.total:
                raise Refused(problem_of(ResultForgotten(turn.job.id)))
            async with turn.writing() as tx:
                await turn.succeed(tx, drop=["input"])
            return False
        request = turn.job.request
        query = "dry_run=true" if request.get("dry_run") else ""
        await run_batch(self._inside, turn, request["path"], query=query, body=body)
        return True


async def run_batch(inside: Inside, turn: Turn, path: str, *, query: str = "", body: bytes) -> None:
    """Let a batch operation do the next chunk of a job, as if sent by whoever asked for it."""
    number = turn.job.chunk
    await inside.ask(turn, "POST", path, query=query, body=body)
    if turn.job.chunk != number + 1:
        raise ChunkNotKept(turn.job.operation)


class ChunkNotKept(RuntimeError):
    """A batch operation answered without having run its batch: a bug of the operation."""
