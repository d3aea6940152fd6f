"""Why something about an intake is refused."""

from servicekit.values.errors import Conflict, NotAllowed, RuleViolated


class ChannelMissing(RuleViolated):
    """Information from a channel partner says from which."""

    code = "channel_missing"

    def __init__(self) -> None:
        super().__init__("Say which channel partner it comes from.", field="/channel_id")


class ChannelNotSource(RuleViolated):
    """A channel partner is named for another source."""

    code = "channel_not_source"

    def __init__(self) -> None:
        super().__init__("Only what comes from a channel partner names one.", field="/channel_id")


class UnknownChannel(RuleViolated):
    """There is no such channel partner that the caller can see."""

    code = "unknown_channel"

    def __init__(self) -> None:
        super().__init__("There is no customer of kind channel of this id that you can see.", field="/channel_id")


class IntakeTaken(Conflict):
    """The same thing has arrived before: its reference is known."""

    code = "intake_taken"

    def __init__(self) -> None:
        super().__init__("An intake with this external reference is kept already.", field="/external_reference")


class ReviewNotAllowed(NotAllowed):
    """The review queue is decided by superiors of whoever entered the intake, and by sales operations."""

    code = "review_not_allowed"

    def __init__(self) -> None:
        super().__init__("A superior of whoever entered it, or sales operations, decides what this intake is.")


class IntakeErasureNotAllowed(NotAllowed):
    """What an intake says of people is erased by a superior of whoever entered it, sales operations or an admin."""

    code = "intake_erasure_not_allowed"

    def __init__(self) -> None:
        super().__init__(
            "A superior of whoever entered it, sales operations or an admin erases what it says of people."
        )


class IntakeDecided(Conflict):
    """The intake is not, or no longer, in the review queue."""

    code = "intake_decided"
    members = ("outcome",)

    def __init__(self, outcome: str) -> None:
        super().__init__(f"There is nothing to decide: it is {outcome}.")
        self.outcome = outcome


class CandidateMissing(RuleViolated):
    """The decision says that it is, or belongs to, a known company, and not which."""

    code = "candidate_missing"

    def __init__(self) -> None:
        super().__init__("Name the candidate that is meant.", field="/candidate_id")


class CandidateNotMeant(RuleViolated):
    """The decision names a candidate that it says nothing of."""

    code = "candidate_not_meant"

    def __init__(self) -> None:
        super().__init__("A candidate is named for the decisions same and site only.", field="/candidate_id")


class UnknownCandidate(RuleViolated):
    """There is no such candidate of the intake's latest check."""

    code = "unknown_candidate"

    def __init__(self) -> None:
        super().__init__("The intake's latest check has no such candidate: read it again.", field="/candidate_id")


class DiscriminatorNeeded(RuleViolated):
    """Another company of this name is in this place: a word has to tell the two apart."""

    code = "discriminator_needed"

    def __init__(self) -> None:
        super().__init__(
            "There is a company of this name in this place: say by a discriminator what tells this one apart.",
            field="/discriminator",
        )


class DiscriminatorNotMeant(RuleViolated):
    """A discriminator is for a company that is made."""

    code = "discriminator_not_meant"

    def __init__(self) -> None:
        super().__init__("A discriminator goes with the decisions new and site only.", field="/discriminator")


class CandidatesChanged(Conflict):
    """Since the intake was checked, the base has changed: the candidates are not those that were looked at."""

    code = "candidates_changed"

    def __init__(self) -> None:
        super().__init__("The base has changed since: have the intake checked again, and decide by what it says.")
