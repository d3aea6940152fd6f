"""Version 1, which is always there: migrations write it into each database, and a test compares the two."""

from decimal import Decimal

from services.opportunity.definitions.rules import Definition, Duty, Stage

VERSION_1 = Definition(
    1,
    (
        Stage(
            "find_contact",
            1,
            "Find the contact",
            "Find the right contact and the right specific need.",
            Decimal("0.05"),
            (
                Duty("contact_named", "The right contact is named", is_exit_criterion=True),
                Duty("need_described", "The specific need is described"),
            ),
        ),
        Stage(
            "confirm_need",
            2,
            "Confirm the need",
            "Establish need, budget and sponsor; collect detailed requirements.",
            Decimal("0.10"),
            (
                Duty("budget_known", "The budget is known", is_exit_criterion=True),
                Duty("sponsor_named", "The sponsor is named"),
                Duty("requirements_collected", "Detailed requirements are collected"),
            ),
        ),
        Stage(
            "map_organisation",
            3,
            "Map the organisation",
            "Know the customer's organisation and relationships fully.",
            Decimal("0.20"),
            (
                Duty("organisation_mapped", "The organisation is mapped"),
                Duty("decision_makers_met", "The decision makers were met"),
            ),
        ),
        Stage(
            "set_target",
            4,
            "Set the target",
            "Set the sales target and apply for sales resources.",
            Decimal("0.35"),
            (
                Duty("target_set", "The sales target is set"),
                Duty("resources_requested", "Sales resources are applied for"),
            ),
        ),
        Stage(
            "shortlist",
            5,
            "On the shortlist",
            "On the customer's shortlist, or bidding and bid evaluation.",
            Decimal("0.50"),
            (
                Duty("offer_sent", "The offer is sent"),
                Duty("criteria_answered", "The decision criteria are answered"),
            ),
        ),
        Stage(
            "selected",
            6,
            "Selected",
            "The customer's only choice, or bid won.",
            Decimal("0.75"),
            (Duty("selection_confirmed", "The selection is confirmed"),),
        ),
        Stage(
            "negotiate",
            7,
            "Negotiate",
            "Commercial negotiation.",
            Decimal("0.90"),
            (Duty("terms_drafted", "The terms are drafted"),),
        ),
        Stage("close", 8, "Close", "All terms agreed.", Decimal(1)),
    ),
)
