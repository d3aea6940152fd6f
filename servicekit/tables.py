"""Every table that each service keeps beside its own, for migrations."""

from servicekit.data import job_tables as jobs
from servicekit.data.tables import metadata
from servicekit.events.webhooks import tables as webhooks

__all__ = ["jobs", "metadata", "webhooks"]
