"""Secrets in answers: told once, to whoever asked first, and kept nowhere."""

from typing import Annotated, ClassVar, Self

from pydantic import Field

from servicekit.web.schemas import Output

ToldOnce = Annotated[
    str | None,
    Field(
        description=(
            "Told in this answer and never again; null where the request is repeated with the same Idempotency-Key. "
            "Who has lost it makes another and removes this one."
        )
    ),
]
"""The type of a secret's field."""


class AnswerWithSecret(Output):
    """An answer with a secret. What is kept for a repetition, and whatever is read later, has null in its place.

    A route that returns one needs no more than this base: the router keeps the answer without `secret_fields`.
    """

    secret_fields: ClassVar[tuple[str, ...]] = ("secret",)

    def without_secrets(self) -> Self:
        """Return the answer as it may be kept."""
        return self.model_copy(update=dict.fromkeys(self.secret_fields))
