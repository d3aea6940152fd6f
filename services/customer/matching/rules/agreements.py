"""How far a field of two companies agrees: what comparing names, addresses and phones answers."""

from dataclasses import dataclass
from enum import IntEnum, StrEnum


class NameLevel(IntEnum):
    """How far two names agree, from a contradiction up."""

    CONTRADICTED = 0
    """Their numbers differ: fund VII is not fund VIII."""
    UNKNOWN = 1
    DIFFERENT = 2
    WEAK = 3
    """Something rare is shared, but each has much of its own."""
    SIMILAR = 4
    """Most of what is rare is shared."""
    CONTAINED = 5
    """One is the other with something left out."""
    SAME_WORDS = 6
    """The same words in another order, another spelling, or with nothing but common words between them."""
    EQUAL = 7
    """Equal after normalisation."""


@dataclass(frozen=True, slots=True)
class NameAgreement:
    """`similarity` is the share of what the names say that both say, in [0, 1]; `bits` how much that is.

    `words` is the explanation, fit for an answer. `left_out` is what the shorter name leaves out, in bits. `branches`
    says that both begin alike and each ends in a rare word of its own, as names of an organisation's sites do.
    `apart` says that both are whole legal names and differ: two companies of one group, as like as not.
    `registered` says that both are the full name under which a Chinese company is registered, where no other has it;
    `usual` that the name, though equal, is a short one that other companies in other cities have as well.
    """

    level: NameLevel
    similarity: float
    bits: float
    words: str
    left_out: float = 0.0
    branches: bool = False
    apart: bool = False
    registered: bool = False
    usual: bool = False


class AddressLevel(StrEnum):
    """How far two addresses agree."""

    SAME = "same"
    SAME_BUILDING = "same_building"
    """The same house, another unit in it."""
    NEAR = "near"
    """A slip of the pen away: one digit of the number, one side of the street."""
    PARTLY = "partly"
    """The same street without a number on one side, or number and street in another city or area."""
    SAME_STREET = "same_street"
    SAME_POSTAL_CODE = "same_postal_code"
    DIFFERENT = "different"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class AddressAgreement:
    """How far the nearest addresses of two companies agree, in words too; `key` is the address that both have."""

    level: AddressLevel
    words: str
    key: str = ""


class PhoneLevel(StrEnum):
    """How far two sets of phone numbers agree."""

    SAME = "same"
    NEAR = "near"
    """One digit differs, or two are swapped, or it is another line of the same exchange."""
    DIFFERENT = "different"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class PhoneAgreement:
    """How far the nearest phone numbers of two companies agree; `key` is the number that both have."""

    level: PhoneLevel
    words: str
    key: str = ""
