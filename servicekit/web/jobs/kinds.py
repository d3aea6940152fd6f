"""The kinds of job that a service does: imports and exports everywhere, and what its features add."""

from collections.abc import Callable, Mapping

from servicekit.jobs.workers import Keeping, Step, Workers
from servicekit.values.errors import KeyaccountError
from servicekit.web.jobs import exporting, importing
from servicekit.web.jobs.inside import Inside
from servicekit.web.problems import internal_problem, problem_of


def workers_of(inside: Inside, features: Mapping[str, Callable[[Inside], Step]]) -> Workers:
    """Return the workers of a service that does these kinds beside imports and exports."""
    own: dict[str, Callable[[Inside], Step]] = {
        importing.KIND: importing.Importing,
        exporting.KIND: exporting.Exporting,
    }
    settings = inside.service.settings
    keeping = Keeping(settings.jobs_at_once, settings.job_result_days, settings.job_days)
    steps: dict[str, Step] = {kind: step(inside) for kind, step in {**own, **features}.items()}
    return Workers(inside.service.database, steps, _tell, keeping)


def _tell(error: Exception) -> Mapping[str, object]:
    return problem_of(error) if isinstance(error, KeyaccountError) else internal_problem()
