"""The collection of this service's tables."""

from servicekit.data.tables import service_metadata

metadata = service_metadata()
