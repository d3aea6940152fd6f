"""Assessment models: yes/no questions in dimensions, and the threshold above which the value is high.

Model 1 is always there. A model is never changed: a draft is published, and the one published last is current.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from servicekit.values.errors import Conflict, RuleViolated
from services.opportunity.refusals import MayNotDo

MOST_DIMENSIONS = 10
MOST_QUESTIONS = 20
"""In one dimension."""


@dataclass(frozen=True, slots=True)
class Question:
    """A question that is answered with yes or no; `meaning` is what a yes says."""

    key: str
    meaning: str


@dataclass(frozen=True, slots=True)
class Dimension:
    """Questions about one matter."""

    key: str
    name: str
    questions: tuple[Question, ...]


@dataclass(frozen=True, slots=True)
class Model:
    """What is asked; the value is high where more than `threshold` answers are yes."""

    number: int
    dimensions: tuple[Dimension, ...]
    threshold: int

    @property
    def keys(self) -> list[str]:
        """The keys of all questions in their order."""
        return [question.key for dimension in self.dimensions for question in dimension.questions]

    @property
    def most(self) -> int:
        """The highest score: one for each question."""
        return sum(len(dimension.questions) for dimension in self.dimensions)


class ModelMalformed(RuleViolated):
    """The model could not be answered, or its threshold never reached."""

    code = "assessment_model_malformed"


class ModelNotPublished(RuleViolated):
    """No such model was ever published."""

    code = "assessment_model_not_published"

    def __init__(self, number: int) -> None:
        super().__init__(f"Model {number} was never published: leave model out for the current one.", field="/model")


class ModelIsCurrent(Conflict):
    """It is the model that opportunities are assessed by already."""

    code = "assessment_model_current"

    def __init__(self) -> None:
        super().__init__("This model is the current one already.")


class ModelPublishedMeanwhile(Conflict):
    """Somebody else has published a model at the same moment."""

    code = "assessment_model_published_meanwhile"

    def __init__(self) -> None:
        super().__init__("Somebody has just published a model; look at the current one, then publish again.")


def check_model(dimensions: Iterable[Dimension], threshold: int) -> None:
    """Refuse a model with two questions (or dimensions) of one key, or a threshold that no score is above."""
    known = tuple(dimensions)
    for place, key in _repeated([dimension.key for dimension in known]):
        raise ModelMalformed(f"There are two dimensions '{key}'.", field=f"/dimensions/{place}/key")
    keys = [question.key for dimension in known for question in dimension.questions]
    places = [
        f"/dimensions/{at}/questions/{number}/key"
        for at, dimension in enumerate(known)
        for number in range(len(dimension.questions))
    ]
    for place, key in _repeated(keys):
        raise ModelMalformed(f"There are two questions '{key}'.", field=places[place])
    if not 0 <= threshold < len(keys):
        raise ModelMalformed(
            f"The threshold is at least 0 and below {len(keys)}, the number of questions: a score must be above it.",
            field="/threshold",
        )


def _repeated(keys: list[str]) -> list[tuple[int, str]]:
    counts: Counter[str] = Counter()
    found = []
    for place, key in enumerate(keys):
        counts[key] += 1
        if counts[key] > 1:
            found.append((place, key))
    return found


def check_may_keep_models(*, operations: bool) -> None:
    """Refuse whoever does not keep the configuration."""
    if not operations:
        raise MayNotDo("Sales operations keep the assessment models.")
