"""The org chart as the other services copy it: versions, differences, and who may administer it."""
