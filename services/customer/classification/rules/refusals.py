"""Why something about a classification is refused."""

from datetime import date

from servicekit.values.errors import Conflict, NotAllowed, RuleViolated


class SchemeMalformed(RuleViolated):
    """The scheme's criteria or bands do not fit together."""

    code = "scheme_malformed"


class SchemesKept(NotAllowed):
    """Schemes are kept by sales operations."""

    code = "schemes_not_allowed"

    def __init__(self) -> None:
        super().__init__("Sales operations and administrators keep the classification schemes.")


class StartInPast(RuleViolated):
    """A scheme comes into force today or later."""

    code = "start_in_past"

    def __init__(self, today: date) -> None:
        super().__init__(f"A scheme comes into force on {today.isoformat()} or later.", field="/from_date")


class SchemeStarted(Conflict):
    """The scheme is in force, or has its date, already."""

    code = "scheme_started"

    def __init__(self) -> None:
        super().__init__("This scheme has its date already: make a new one to change it.")


class DayTaken(Conflict):
    """Another scheme comes into force on that day."""

    code = "scheme_day_taken"

    def __init__(self) -> None:
        super().__init__("Another scheme comes into force on that day: choose another day.", field="/from_date")


class SchemeNotInForce(Conflict):
    """Customers are evaluated by the scheme that is in force."""

    code = "scheme_not_in_force"
    members = ("in_force",)

    def __init__(self, in_force: int) -> None:
        super().__init__(f"Scheme {in_force} is in force: evaluate by its criteria.", field="/scheme_number")
        self.in_force = in_force


class CriterionNotInScheme(RuleViolated):
    """The scheme has no such criterion."""

    code = "criterion_not_in_scheme"
    members = ("criteria",)

    def __init__(self, place: int, criteria: list[str]) -> None:
        super().__init__(f"The scheme's criteria are {', '.join(criteria)}.", field=f"/values/{place}/criterion")
        self.criteria = criteria


class CriterionTwice(RuleViolated):
    """A criterion has one value."""

    code = "criterion_twice"

    def __init__(self, place: int) -> None:
        super().__init__("This criterion has a value already.", field=f"/values/{place}/criterion")


class ValueOutsideScale(RuleViolated):
    """The value is not on the criterion's scale."""

    code = "value_outside_scale"
    members = ("most",)

    def __init__(self, place: int, most: int) -> None:
        super().__init__(f"The scale of this criterion goes from 1 to {most}.", field=f"/values/{place}/value")
        self.most = most


class NothingEvaluated(RuleViolated):
    """An evaluation says something of at least one criterion."""

    code = "nothing_evaluated"

    def __init__(self) -> None:
        super().__init__("Give a value for at least one criterion.", field="/values")


class EvaluationSuperseded(Conflict):
    """A later evaluation of the customer stands in its place."""

    code = "evaluation_superseded"

    def __init__(self) -> None:
        super().__init__("There is a later evaluation of this customer: decide on that one.")


class EvaluationDecided(Conflict):
    """It was decided on already."""

    code = "evaluation_decided"

    def __init__(self) -> None:
        super().__init__("This evaluation was decided on already: evaluate the customer anew.")


class TierUndecided(RuleViolated):
    """What is not known leaves more than one tier possible."""

    code = "tier_undecided"

    def __init__(self) -> None:
        super().__init__(
            "What is not known leaves more than one tier possible: evaluate the rest, or override with a tier and a"
            " reason.",
            field="/decision",
        )


class DecisionIncomplete(RuleViolated):
    """An override needs tier and reason, a return its reason, and only an override names a tier."""

    code = "decision_incomplete"
