"""What is refused about jobs."""

from servicekit.values.errors import Conflict, Malformed, NotVisible

MOST_ITEMS = 100_000
"""In one import."""

LARGEST_JSON = 8 * 1024 * 1024
"""Of a batch sent as one JSON object, which is read as a whole (bytes)."""

LARGEST_ITEM = 1024 * 1024
"""Of one line of JSON lines (bytes)."""


class JobFinished(Conflict):
    """The job has ended: there is nothing to cancel, or nothing left to resume."""

    code = "job_finished"


class JobNotFinished(Conflict):
    """The job has made nothing yet that could be had."""

    code = "job_not_finished"

    def __init__(self, state: str) -> None:
        super().__init__(f"The job is {state}: its result is there when it has succeeded.")


class ResultForgotten(NotVisible):
    """What the job made, or was to go on from, has been deleted, as it is after some days."""

    code = "result_forgotten"

    def __init__(self, job_id: object) -> None:
        super().__init__("result of job", job_id)
        self.message = f"What job {job_id} held is not kept so long: ask for it anew."


class ImportMalformed(Malformed):
    """What was sent cannot be taken apart into the items of an import."""

    code = "import_malformed"


class AtomicNotAsJob(Malformed):
    """A job works in chunks, each of which stands by itself."""

    code = "atomic_not_as_job"

    def __init__(self) -> None:
        super().__init__(
            "A job runs in chunks: send up to 500 items without `Prefer` to have all or none.", field="/atomic"
        )


class ExportNotPaged(Malformed):
    """An export is the whole list."""

    code = "export_not_paged"

    def __init__(self, name: str) -> None:
        super().__init__("An export holds the whole list: leave out limit, cursor and total.", field=f"query:{name}")
