"""What the service publishes.

Every event of a customer carries what other services copy of it, as it was after the change (see
`customers.actions.publishing`). `customer.merged` and `customer.merge_undone` are told of every id that stands for
another customer from then on (`merged_into_id`, null for itself again). Events of contacts carry ids only: what is
personal is asked for.
Events of activities and of coverage carry ids and days, and nothing that people wrote.
Events of leads carry whose they are and where they stand, not what was heard.
Events of intakes carry what became of them, not what was sent.
"""

CUSTOMER_CREATED = "customer.created"
CUSTOMER_UPDATED = "customer.updated"
CUSTOMER_ASSIGNED = "customer.assigned"
CUSTOMER_TIER_CHANGED = "customer.tier_changed"
CUSTOMER_PARENT_CHANGED = "customer.parent_changed"
CUSTOMER_MERGED = "customer.merged"
CUSTOMER_MERGE_UNDONE = "customer.merge_undone"
CUSTOMER_RECLAIM_ANNOUNCED = "customer.reclaim_announced"
CUSTOMER_RECLAIM_WITHDRAWN = "customer.reclaim_withdrawn"
CUSTOMER_RECLAIMED = "customer.reclaimed"
CONTACT_CREATED = "contact.created"
CONTACT_UPDATED = "contact.updated"
CONTACT_ERASED = "contact.erased"
ACTIVITY_PLANNED = "activity.planned"
ACTIVITY_UPDATED = "activity.updated"
ACTIVITY_DONE = "activity.done"
ACTIVITY_CANCELLED = "activity.cancelled"
COVERAGE_PLANNED = "coverage.planned"
COVERAGE_ENDED = "coverage.ended"
LEAD_CREATED = "lead.created"
LEAD_UPDATED = "lead.updated"
LEAD_DROPPED = "lead.dropped"
LEAD_CONVERTED = "lead.converted"
CUSTOMER_CHANGE_PROPOSED = "customer.change_proposed"
CUSTOMER_CHANGE_DECIDED = "customer.change_decided"
INTAKE_RECEIVED = "intake.received"
INTAKE_DECIDED = "intake.decided"
ACCOUNT_PLAN_CREATED = "account_plan.created"
ACCOUNT_PLAN_UPDATED = "account_plan.updated"
ACCOUNT_PLAN_SUBMITTED = "account_plan.submitted"
ACCOUNT_PLAN_RETURNED = "account_plan.returned"
ACCOUNT_PLAN_APPROVED = "account_plan.approved"
CUSTOMER_TARGETED = "customer.targeted"
CUSTOMER_UNTARGETED = "customer.untargeted"
NEED_ASSESSED = "customer.need_assessed"
KEY_CUSTOMER_PROPOSED = "customer.key_proposed"
KEY_CUSTOMER_DECIDED = "customer.key_decided"
COMPETITION_ASSESSED = "customer.competition_assessed"
COMPETITIVE_STRATEGY_WRITTEN = "customer.competitive_strategy_written"
PORTFOLIO_PLAN_CREATED = "portfolio_plan.created"
PORTFOLIO_PLAN_UPDATED = "portfolio_plan.updated"
PORTFOLIO_PLAN_APPROVED = "portfolio_plan.approved"
