"""Contacts: who reports to whom, and who is who by e-mail."""

import re
from collections.abc import Collection, Sequence
from enum import StrEnum
from typing import Any
from uuid import UUID

from servicekit.values.errors import Conflict, Malformed, NotAllowed, RuleViolated
from services.customer.customers.rules.deciding import WRITING_ROLES, Decider
from services.customer.customers.rules.refusals import OwnMatter

_ADDRESS = re.compile(r"[^\s@<>()\[\],;:\\\"]+@[^\s@<>()\[\],;:\\\"]+\.[^\s@.<>()\[\],;:\\\"]+")
_LONGEST_ADDRESS = 254


class DecisionRole(StrEnum):
    """What part somebody has in their company's decision."""

    DECISION_MAKER = "decision_maker"
    APPROVER = "approver"
    INFLUENCER = "influencer"
    USER = "user"
    GATEKEEPER = "gatekeeper"
    COACH = "coach"


class Attitude(StrEnum):
    """How somebody stands to us."""

    SUPPORTS = "supports"
    NEUTRAL = "neutral"
    OPPOSES = "opposes"


class Closeness(StrEnum):
    """How near we are to somebody: met often and trusted, known, or known by name only."""

    CLOSE = "close"
    KNOWN = "known"
    DISTANT = "distant"


class InfluenceUnknown(RuleViolated):
    """Influence is told among contacts of one customer, and of others than oneself."""

    code = "influence_unknown"

    def __init__(self) -> None:
        super().__init__("Name other contacts of the same customer.", field="/influences_ids")


class ReportingCycle(RuleViolated):
    """A contact would report to themselves, directly or through others."""

    code = "reporting_cycle"

    def __init__(self) -> None:
        super().__init__("A contact cannot report to themselves.", field="/reports_to_id")


class ContactOfAnother(RuleViolated):
    """A contact reports within one company."""

    code = "contact_of_another"

    def __init__(self) -> None:
        super().__init__("The superior has to be a contact of the same customer.", field="/reports_to_id")


class ContactExists(Conflict):
    """The customer has a contact with this e-mail address already."""

    code = "contact_exists"
    members = ("contact_id",)

    def __init__(self, contact_id: UUID | None = None) -> None:
        super().__init__("This customer has a contact with this e-mail address already.", field="/email")
        self.contact_id = contact_id


class ContactErased(Conflict):
    """The contact's personal data were erased."""

    code = "contact_erased"

    def __init__(self) -> None:
        super().__init__("This contact's personal data were erased: enter them anew only as a new contact.")


class ErasureNotAllowed(NotAllowed):
    """Personal data are given out and erased by a superior of the account manager, sales operations or an admin."""

    code = "erasure_not_allowed"

    def __init__(self) -> None:
        super().__init__("Only a superior of the account manager, sales operations or an admin can decide on this.")


class UnknownCustomer(RuleViolated):
    """There is no such customer that the caller can see."""

    code = "unknown_customer"

    def __init__(self) -> None:
        super().__init__("There is no customer of this id that you can see.", field="/customer_id")


class EmailMalformed(Malformed):
    """This is no e-mail address."""

    code = "email_malformed"


def check_reporting(contact: UUID, line_from_superior: Sequence[UUID]) -> None:
    """Refuse a superior who reports to the contact, or is it; the line begins with the superior and goes up."""
    if contact in line_from_superior:
        raise ReportingCycle


def email_key(email: str) -> str:
    """Return what makes an address the same for us: case does not count, although mail servers may tell it apart."""
    key = email.strip().casefold()
    if len(key) > _LONGEST_ADDRESS or not _ADDRESS.fullmatch(key):
        raise EmailMalformed("This is no e-mail address.", field="/email")
    return key


ERASED: dict[str, Any] = {
    "name": "",
    "email": None,
    "email_key": None,
    "phone": None,
    "department": None,
    "title": None,
    "decision_role": None,
    "attitude": None,
    "closeness": None,
    "influences_ids": [],
    "known_by_ids": [],
    "search_text": "",
    "personal_salt": "",
}
"""What a contact's row holds after its erasure."""


def check_erasure(decider: Decider, responsible: UUID | None, superiors_of_responsible: Collection[UUID]) -> None:
    """Refuse to give out or erase personal data to whoever looks after the customer, whatever their roles, and below.

    Erasing cannot be undone and takes away what their own work is judged by.
    """
    if responsible is not None and responsible in decider.persons:
        raise OwnMatter("Your superior, sales operations or an admin decides on the personal data of your contacts.")
    if not decider.has_any(WRITING_ROLES) and decider.authority not in superiors_of_responsible:
        raise ErasureNotAllowed


def without_values(answer: Any, contact: str, values: Collection[str]) -> Any:
    """Return a kept answer without what it says of the contact: its own object emptied, and the values anywhere."""
    if isinstance(answer, dict):
        emptied = {name: without_values(value, contact, values) for name, value in answer.items()}
        if answer.get("id") == contact:
            emptied |= {name: ERASED[name] for name in ERASED.keys() & answer.keys()}
        return emptied
    if isinstance(answer, list):
        return [without_values(value, contact, values) for value in answer]
    return "" if isinstance(answer, str) and any(value in answer for value in values) else answer
