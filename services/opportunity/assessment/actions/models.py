"""Keeping the assessment models: sales operations draft and publish them."""

from collections.abc import Sequence

from orgchart.viewer import Viewer
from servicekit.data.transactions import Writing
from services.opportunity.assessment.rules.models import Dimension, ModelIsCurrent, check_may_keep_models, check_model
from services.opportunity.assessment.store import models
from services.opportunity.assessment.store.models import KeptModel
from services.opportunity.opportunities.actions import may_operate


async def draft(tx: Writing, viewer: Viewer, name: str, dimensions: Sequence[Dimension], threshold: int) -> KeptModel:
    """Make a draft of a model; nothing is assessed by it before it is published."""
    check_may_keep_models(operations=may_operate(viewer))
    check_model(dimensions, threshold)
    return await models.get(tx, await models.insert_model(tx, name, dimensions, threshold))


async def publish(tx: Writing, viewer: Viewer, number: int, reason: str) -> KeptModel:
    """Let opportunities be assessed by a model from now on; assessments keep the model that they were made by."""
    check_may_keep_models(operations=may_operate(viewer))
    if (await models.get(tx, number)).is_current:
        raise ModelIsCurrent
    await models.insert_publication(tx, number, reason)
    return await models.get(tx, number)
