"""A dry run of a batch: everything is checked and done, and taken back."""

from starlette.requests import Request

from servicekit.web.jobs.refusals import ImportMalformed

_ANSWERS = {"true": True, "false": False}


def is_dry_run(request: Request) -> bool:
    """Whether the request asks for one (`dry_run=true`).

    Raises:
        ImportMalformed: neither `true` nor `false` was said.
    """
    given = request.query_params.get("dry_run", "false")
    if given not in _ANSWERS:
        raise ImportMalformed("Say `true` or `false`.", field="query:dry_run")
    return _ANSWERS[given]
