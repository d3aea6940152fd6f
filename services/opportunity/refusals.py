"""Refusals that several features of the service have in common."""

from servicekit.values.errors import Conflict, NotAllowed, RuleViolated


class ReferenceTaken(Conflict):
    """Another record has this external reference."""

    code = "reference_taken"

    def __init__(self) -> None:
        super().__init__("Another record has this external reference.", field="/external_reference")


class NegativeAmount(RuleViolated):
    """An amount is not below 0."""

    code = "negative_amount"

    def __init__(self, field: str = "/amount") -> None:
        super().__init__("An amount is not below 0.", field=field)


class MayNotDo(NotAllowed):
    """They may see it, and not do this."""

    code = "not_allowed"


class UnknownCustomer(RuleViolated):
    """There is no such customer."""

    code = "unknown_customer"

    def __init__(self, field: str = "/customer_id") -> None:
        super().__init__("There is no such customer.", field=field)
