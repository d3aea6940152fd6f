"""Who reads what is planned for a customer."""

from servicekit.values.errors import NotAllowed


class NotLookedAfter(NotAllowed):
    """What is planned for a customer is for those who look after it, and those above them."""

    code = "not_looked_after"

    def __init__(self) -> None:
        super().__init__("You see this customer without looking after it: what is planned for it is not yours to see.")
