"""Rows as they arrive, one after the other, each checked against the customers so far: what the product does.

A row that is `matched` is added to its customer, with what it says that the base did not know. A row in `review` waits
for a person, who decides rightly among the candidates shown; pairs that come about so are not automatic.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import combinations

from bench.matching.base import Base
from bench.matching.gold import Row
from bench.matching.pairs import Pair, true_pairs
from services.customer.matching.rules.company import Company
from services.customer.matching.rules.deciding import Decision, Outcome, decide
from services.customer.matching.rules.profiles import profile_of
from services.customer.matching.rules.scoring import score


@dataclass
class Arrived:
    """Customers that came about, who decided each row, and the pairs of rows that are one customer by whom."""

    true: set[Pair]
    automatic: set[Pair] = field(default_factory=set)
    by_person: set[Pair] = field(default_factory=set)
    in_review: int = 0
    rows: int = 0
    matched_rows: int = 0
    wrong_rows: int = 0


@dataclass
class _Customer:
    company: Company
    rows: list[int]


def _supplemented(known: Company, told: Company) -> Company:
    return replace(
        known,
        names=tuple(dict.fromkeys((*known.names, *(replace(name, kind="other") for name in told.names)))),
        addresses=tuple(dict.fromkeys((*known.addresses, *told.addresses))),
        phones=tuple(dict.fromkeys((*known.phones, *told.phones))),
    )


class _Arriving:
    def __init__(self, rows: Sequence[Row]) -> None:
        self.rows = rows
        self.base = Base()
        self.customers: list[_Customer] = []
        self.arrived = Arrived(true_pairs([row.entity for row in rows]), rows=len(rows))

    def take(self, number: int) -> None:
        profile = profile_of(self.rows[number].company)
        found = self.base.candidates(profile)
        statistics = self.base.statistics
        decision = decide([(other, score(profile, self.base.profiles[other], statistics)) for other in found])
        if decision.outcome is Outcome.NEW:
            self._found(number)
        elif decision.matched is not None:
            self.arrived.matched_rows += 1
            self.arrived.wrong_rows += not self._is(decision.matched, number)
            self._join(decision.matched, number, self.arrived.automatic)
        else:
            self.arrived.in_review += 1
            self._review(number, decision)

    def _is(self, customer: int, number: int) -> bool:
        entities = [self.rows[row].entity for row in self.customers[customer].rows]
        return self.rows[number].entity == max(entities, key=entities.count)

    def _review(self, number: int, decision: Decision[int]) -> None:
        right = [one.candidate for one in decision.candidates if self._is(one.candidate, number)]
        if right:
            self._join(right[0], number, self.arrived.by_person)
        else:
            self._found(number)

    def _found(self, number: int) -> None:
        company = self.rows[number].company
        self.base.add(profile_of(company))
        self.customers.append(_Customer(company, [number]))

    def _join(self, customer: int, number: int, kept: set[Pair]) -> None:
        joined = self.customers[customer]
        kept.update((row, number) for row in joined.rows)
        joined.rows.append(number)
        joined.company = _supplemented(joined.company, self.rows[number].company)
        self.base.change(customer, profile_of(joined.company))


def arrive(rows: Sequence[Row]) -> Arrived:
    """Let rows arrive in their order."""
    arriving = _Arriving(rows)
    for number in range(len(rows)):
        arriving.take(number)
    return arriving.arrived


def together(customers: Sequence[Sequence[int]]) -> set[Pair]:
    """Return the pairs of rows that are one customer."""
    return {pair for rows in customers for pair in combinations(sorted(rows), 2)}
