"""Assessment models, and which is current."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Integer, any_, bindparam, func, insert, select

from servicekit.data.lists import Listing, SortKey
from servicekit.data.statements import prepared
from servicekit.data.transactions import Questions, Writing
from services.opportunity.assessment.rules.models import Dimension, Model, ModelNotPublished, Question
from services.opportunity.assessment.tables import assessment_model, assessment_model_publication

_m, _p = assessment_model.c, assessment_model_publication.c


@dataclass(frozen=True, slots=True)
class KeptModel:
    """A model with its number; without `published_at` it is a draft."""

    number: int
    name: str
    dimensions: list[dict[str, Any]]
    threshold: int
    published_at: datetime | None
    is_current: bool
    created_by: UUID | None
    created_at: datetime

    @property
    def id(self) -> int:
        """What lists break ties by."""
        return self.number

    @property
    def model(self) -> Model:
        """The model as rules take it."""
        return Model(self.number, tuple(_dimension(one) for one in self.dimensions), self.threshold)


def _dimension(kept: dict[str, Any]) -> Dimension:
    questions = tuple(Question(one["key"], one["meaning"]) for one in kept["questions"])
    return Dimension(kept["key"], kept["name"], questions)


_published = select(_p.at).where(_p.model_number == _m.number).order_by(_p.sequence.desc()).limit(1).scalar_subquery()
_current = select(_p.model_number).order_by(_p.sequence.desc()).limit(1).scalar_subquery()
_kept = select(
    *(_m.number, _m.name, _m.dimensions, _m.threshold),
    _published.label("published_at"),
    (_m.number == _current).label("is_current"),
    *(_m.created_by, _m.created_at),
)
GET = prepared(_kept.where(_m.number == bindparam("number")), into=KeptModel)
ALL_OF = prepared(
    _kept.where(_m.number == any_(bindparam("numbers", type_=ARRAY(Integer())))).order_by(_m.number), into=KeptModel
)
CURRENT = prepared(_kept.where(_m.number == _current), into=KeptModel)
INSERT = prepared(
    insert(assessment_model)
    .values(
        {column.name: bindparam(column.name, type_=column.type) for column in _m if column.name not in {"number", "id"}}
    )
    .returning(_m.number)
)
_earlier = assessment_model_publication.alias("earlier").c
PUBLISH = prepared(
    insert(assessment_model_publication).values(
        {column.name: bindparam(column.name, type_=column.type) for column in _p if column.name != "id"}
        | {"sequence": select(func.max(_earlier.sequence) + 1).scalar_subquery()}
    )
)
MODELS = Listing(
    _kept, into=KeptModel, filters={}, keys={"number": SortKey(_m.number)}, identifier=_m.number, default="-number"
)


async def get(tx: Questions, number: int) -> KeptModel:
    """Return a model, or raise `NotVisible`."""
    return await tx.visible(GET, "assessment model", number, number=number)


async def all_of(tx: Questions, numbers: Collection[int]) -> list[KeptModel]:
    """Return the models of some numbers, in their order."""
    return await tx.all(ALL_OF, numbers=list(numbers)) if numbers else []


async def get_published(tx: Questions, number: int) -> KeptModel:
    """Return a model that was published, or raise `ModelNotPublished`."""
    found = await tx.first(GET, number=number)
    if found is None or found.published_at is None:
        raise ModelNotPublished(number)
    return found


async def current(tx: Questions) -> KeptModel:
    """Return the model that opportunities are assessed by; there is always one."""
    return await tx.one(CURRENT)


async def of_number(tx: Questions, number: int | None) -> Model:
    """Return the published model of a number, the current one where none is given.

    Raises:
        ModelNotPublished: there is no such model, or it is a draft.
    """
    return (await current(tx) if number is None else await get_published(tx, number)).model


async def insert_model(tx: Writing, name: str, dimensions: Sequence[Dimension], threshold: int) -> int:
    """Insert a draft and return its number."""
    number: int = await tx.value(
        INSERT,
        name=name,
        dimensions=[_values(one) for one in dimensions],
        threshold=threshold,
        created_by=tx.actor_id,
        on_behalf_of=tx.actor.on_behalf_of,
        created_at=tx.now,
    )
    return number


def _values(one: Dimension) -> dict[str, Any]:
    questions = [{"key": question.key, "meaning": question.meaning} for question in one.questions]
    return {"key": one.key, "name": one.name, "questions": questions}


async def insert_publication(tx: Writing, number: int, reason: str) -> None:
    """Make a model the current one.

    Raises:
        ModelPublishedMeanwhile: another was at the same moment.
    """
    await tx.execute(
        PUBLISH,
        model_number=number,
        reason=reason,
        decided_by=tx.actor_id,
        on_behalf_of=tx.actor.on_behalf_of,
        at=tx.now,
    )
