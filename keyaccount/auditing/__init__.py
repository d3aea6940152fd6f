"""Whether the audit trail is whole, and signing it by command."""
