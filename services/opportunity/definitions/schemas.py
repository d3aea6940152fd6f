"""Funnel definitions over the wire."""

from servicekit.web.schemas import DecimalString, Output


class StageAnswer(Output):
    """A stage: its task, its checklist, what of it must be done before leaving, how likely a win is."""

    key: str
    order: int
    task: str
    probability: DecimalString
    duties: list[str]
    exit_criteria: list[str]


class DefinitionAnswer(Output):
    """A version of the funnel."""

    version: int
    stages: list[StageAnswer]
