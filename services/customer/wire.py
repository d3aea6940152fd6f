"""What several features of the service answer with."""

from datetime import date

from servicekit.web.schemas import DecimalString, Output


class ConversionAnswer(Output):
    """A rate in use; `inverse` where the quote was the other way round."""

    from_currency: str
    date: date
    factor: DecimalString
    inverse: bool


class OpportunitiesAnswer(Output):
    """How many, the sum of the known amounts, of how many the amount is unknown, how many are simulated."""

    count: int
    amount: DecimalString
    unknown_amount: int
    simulated_count: int
