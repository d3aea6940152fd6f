"""Contacts: who reports to whom, and who is who by e-mail."""

import re
from collections.abc import Sequence
from uuid import UUID

from servicekit.values.errors import Conflict, Malformed, RuleViolated

_ADDRESS = re.compile(r"[^\s@<>()\[\],;:\\\"]+@[^\s@<>()\[\],;:\\\"]+\.[^\s@.<>()\[\],;:\\\"]+")
_LONGEST_ADDRESS = 254


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
