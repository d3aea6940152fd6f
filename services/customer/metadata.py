"""The one collection that every table of the service belongs to."""

from servicekit.data.tables import service_metadata

metadata = service_metadata()
