"""Who may administer the org chart."""

from collections.abc import Collection

from servicekit.values.errors import NotAllowed

ADMINISTERING_ROLE = "admin"


class AdministrationNotAllowed(NotAllowed):
    """Only an administrator changes people, units, roles and reporting lines."""

    code = "administration_not_allowed"

    def __init__(self) -> None:
        super().__init__("This needs the role admin, held by yourself: standing in does not convey it.")


def check_administers(roles: Collection[str]) -> None:
    """Refuse whoever is no administrator."""
    if ADMINISTERING_ROLE not in roles:
        raise AdministrationNotAllowed
