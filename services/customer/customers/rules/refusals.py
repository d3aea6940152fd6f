"""Why something about a customer is refused."""

from uuid import UUID

from servicekit.values.errors import Conflict, Malformed, NotAllowed, RuleViolated


class CustomerExists(Conflict):
    """The base has this company already. The id is told only to those who may see it."""

    code = "customer_exists"
    members = ("customer_id", "agreed_on")

    def __init__(self, customer_id: UUID | None, agreed_on: str) -> None:
        super().__init__(f"A customer with this {agreed_on.replace('_', ' ')} exists already.")
        self.customer_id = customer_id
        self.agreed_on = agreed_on


class AssignmentNotAllowed(NotAllowed):
    """Account managers are set by a superior of the person concerned, or by sales operations."""

    code = "assignment_not_allowed"


class OwnMatter(NotAllowed):
    """Nobody decides on their own matter, also not as a stand-in."""

    code = "own_matter"


class ClassificationNotAllowed(NotAllowed):
    """A tier is set by a superior of the account manager, or by sales operations."""

    code = "classification_not_allowed"


class ChangeNotAllowed(NotAllowed):
    """A customer is kept up by its account manager, their superiors and sales operations."""

    code = "change_not_allowed"


class IdentifierTaken(Conflict):
    """The customer has this identifier already."""

    code = "identifier_taken"

    def __init__(self) -> None:
        super().__init__("The customer has this identifier already.")


class NameTaken(Conflict):
    """The customer has this name already."""

    code = "name_taken"

    def __init__(self) -> None:
        super().__init__("The customer has this name, of this kind, already.")


class ReferenceTaken(Conflict):
    """The other system's id stands for another record already."""

    code = "reference_taken"

    def __init__(self) -> None:
        super().__init__("This external reference stands for another record already.", field="/external_reference")


class UnknownParent(RuleViolated):
    """There is no such company that the caller can see."""

    code = "unknown_parent"

    def __init__(self) -> None:
        super().__init__("There is no customer of this id that you can see.", field="/parent_id")


class UnknownPerson(RuleViolated):
    """Nobody of this id works here."""

    code = "unknown_person"

    def __init__(self, field: str = "/account_manager_id") -> None:
        super().__init__("Nobody of this id is active in the organisation.", field=field)


class AlreadySo(Conflict):
    """The change would change nothing."""

    code = "already_so"


class TooManyAttributes(RuleViolated):
    """There are more free attributes than one customer may have."""

    code = "too_many_attributes"


class SpanEmpty(RuleViolated):
    """It would end before, or on the day, it begins: spans are half-open."""

    code = "span_empty"


class FieldNotEmptied(Malformed):
    """A merge patch with null would empty a field that must have a value."""

    code = "field_not_emptied"


class QueryEmpty(Malformed):
    """A search needs at least one letter or digit."""

    code = "search_empty"

    def __init__(self) -> None:
        super().__init__("search needs at least one letter or digit.", field="query:search")


class NameTooLong(RuleViolated):
    """The name, as it is compared, is longer than the base can keep unique."""

    code = "name_too_long"

    def __init__(self, field: str) -> None:
        super().__init__("It is too long when it is written out for comparison.", field=field)
