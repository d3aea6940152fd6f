"""When a customer can enter opportunity management: when somebody looks after it and it has a tier."""

from uuid import UUID

from servicekit.values.errors import RuleViolated

NOT_CLASSIFIED_KINDS = frozenset({"channel"})
"""Channel partners have no tiers: they are looked after as channels."""


class CustomerUnclassified(RuleViolated):
    """Opportunities are for customers that are assigned and classified (`KEYACCOUNT_UNCLASSIFIED=block`)."""

    code = "customer_unclassified"
    members = ("lacking",)

    def __init__(self, lacking: list[str]) -> None:
        names = {"account_manager": "an account manager (POST /v1/customers/{id}/assignments)"}
        names |= {"tier": "a tier (POST /v1/customers/{id}/evaluations)"}
        super().__init__(f"The customer needs {' and '.join(names[each] for each in lacking)}.", field="/customer_id")
        self.lacking = lacking


def check_classified(kind: str, account_manager_id: UUID | None, tier: str | None) -> None:
    """Refuse a customer that nobody looks after, or that has no tier."""
    missing = {"account_manager": account_manager_id is None, "tier": tier is None}
    lacking = [name for name, is_missing in missing.items() if is_missing]
    if lacking and kind not in NOT_CLASSIFIED_KINDS:
        raise CustomerUnclassified(lacking)
