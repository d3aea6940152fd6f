"""What the service publishes. Events name who and what changed, never personal data: readers ask for it."""

ORG_CHART_CHANGED = "org_chart.changed"
"""`{version, on}`: everybody who keeps a copy fetches the difference."""

ASSIGNMENT_RULES_DRAFTED = "assignment_rules.drafted"
ASSIGNMENT_RULES_ACTIVATED = "assignment_rules.activated"
BUSINESS_UNIT_ADDED = "business_unit.added"
BUSINESS_UNIT_CHANGED = "business_unit.changed"
PERSON_ADDED = "person.added"
PERSON_CHANGED = "person.changed"
PERSON_LEFT = "person.left"
ROLE_CHANGED = "role.changed"
SUPERIOR_CHANGED = "superior.changed"
STAND_IN_AGREED = "stand_in.agreed"
STAND_IN_ENDED = "stand_in.ended"
MACHINE_CLIENT_DISABLED = "machine_client.disabled"
MACHINE_CLIENT_ENABLED = "machine_client.enabled"
SECRET_ADDED = "client_secret.added"  # noqa: S105 (an event)
SECRET_REMOVED = "client_secret.removed"  # noqa: S105 (an event)
CREDENTIALS_SET = "credentials.set"
