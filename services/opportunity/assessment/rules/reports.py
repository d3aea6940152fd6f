"""What many assessments say: how scores are distributed, and whether what scores well is won."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from itertools import pairwise

from servicekit.values.errors import RuleViolated
from servicekit.values.intervals import Interval, difference, ratio_of, wilson
from services.opportunity.assessment.rules.assessing import Answer
from services.opportunity.assessment.rules.models import Model
from services.opportunity.vocabulary import Value


class BandsNotPossible(RuleViolated):
    """Bands of scores begin at 0 and then ever higher, none above the highest score."""

    code = "score_bands_not_possible"

    def __init__(self, model: Model) -> None:
        super().__init__(
            f"edges are where the bands begin: 0 first, each higher than the one before, none above {model.most}.",
            field="query:edges",
        )


@dataclass(frozen=True, slots=True)
class Pile:
    """Opportunities that are assessed alike; `model` and what follows is None where nobody has assessed them.

    `scores` and `mosts` are summed over the pile, by the dimensions of the model.
    """

    model: int | None
    score: int | None
    most: int | None
    value: str | None
    outdated: bool
    count: int
    simulated: int
    scores: list[int]
    mosts: list[int]


@dataclass(slots=True)
class Counted:
    """How many opportunities, and how many of them by an assessment that is outdated."""

    count: int = 0
    outdated: int = 0

    def add(self, pile: Pile) -> None:
        """Count a pile."""
        self.count += pile.count
        self.outdated += pile.count if pile.outdated else 0


@dataclass(slots=True)
class Bar:
    """Those with a score, by their value; `count_most` have it if every open answer turns out to be a yes."""

    score: int
    total: Counted = field(default_factory=Counted)
    by_value: dict[Value, int] = field(default_factory=lambda: dict.fromkeys(Value, 0))
    count_most: int = 0


@dataclass(frozen=True, slots=True)
class Means:
    """The mean score from the yeses alone to the yeses with all that is unanswered, unrounded; None of nothing."""

    mean: Decimal | None
    mean_most: Decimal | None


@dataclass(frozen=True, slots=True)
class ModelDistribution:
    """How the scores by one model are distributed; a bar for each score from 0 to the highest."""

    model: Model
    total: Counted
    whole: Means
    dimensions: list[Means]
    bars: list[Bar]


@dataclass(frozen=True, slots=True)
class Distribution:
    """How scores are distributed, and how many opportunities nobody has assessed."""

    assessed: Counted
    unassessed: int
    simulated: int
    by_value: Mapping[Value, Counted]
    models: list[ModelDistribution]


def distribution_of(piles: Sequence[Pile], models: Iterable[Model]) -> Distribution:
    """Return how the scores of piles are distributed, by each model that any of them was assessed by."""
    assessed, by_value = Counted(), {value: Counted() for value in Value}
    for pile in piles:
        if pile.value is not None:
            assessed.add(pile)
            by_value[Value(pile.value)].add(pile)
    return Distribution(
        assessed,
        sum(pile.count for pile in piles if pile.model is None),
        sum(pile.simulated for pile in piles),
        by_value,
        [_by_model(model, [pile for pile in piles if pile.model == model.number]) for model in models],
    )


def _by_model(model: Model, piles: Sequence[Pile]) -> ModelDistribution:
    total, bars = Counted(), [Bar(score) for score in range(model.most + 1)]
    for pile in piles:
        assert pile.score is not None  # noqa: S101 (narrowing: it has a model)
        assert pile.most is not None  # noqa: S101 (the same)
        total.add(pile)
        bars[pile.score].total.add(pile)
        bars[pile.score].by_value[Value(pile.value or "")] += pile.count
        bars[pile.most].count_most += pile.count
    places = range(len(model.dimensions))
    dimensions = [_means(piles, [(pile.scores[at], pile.mosts[at]) for pile in piles]) for at in places]
    return ModelDistribution(
        model, total, _means(piles, [(sum(pile.scores), sum(pile.mosts)) for pile in piles]), dimensions, bars
    )


def _means(piles: Sequence[Pile], sums: Sequence[tuple[int, int]]) -> Means:
    count = sum(pile.count for pile in piles)
    return Means(ratio_of(sum(score for score, _ in sums), count), ratio_of(sum(most for _, most in sums), count))


@dataclass(frozen=True, slots=True)
class Decided:
    """Decided opportunities that were assessed alike when they were decided; None where nobody had assessed them."""

    model: int | None
    score: int | None
    value: str | None
    outdated: bool
    count: int
    won: int
    simulated: int


@dataclass(slots=True)
class Rate:
    """How many of what was decided was won; `outdated` of them rest on an assessment that was outdated then."""

    won: int = 0
    decided: int = 0
    outdated: int = 0

    def add(self, count: int, won: int, *, outdated: bool) -> None:
        """Count some more."""
        self.won += won
        self.decided += count
        self.outdated += count if outdated else 0

    @property
    def ratio(self) -> Decimal | None:
        """Won ÷ decided, unrounded; None of nothing."""
        return ratio_of(self.won, self.decided)

    @property
    def interval(self) -> Interval | None:
        """Where the ratio lies with 95 % confidence."""
        return wilson(self.won, self.decided)


@dataclass(frozen=True, slots=True)
class Band:
    """Scores from `low` to `high`, both included."""

    low: int
    high: int
    rate: Rate


@dataclass(frozen=True, slots=True)
class WinRates:
    """How much of what was decided was won, by score band and by value; those rates are of one model."""

    bands: list[Band]
    by_value: Mapping[Value, Rate]
    unassessed: Rate
    other_models: Rate
    whole: Rate
    simulated: int


def edges_of(model: Model, asked: Sequence[int] | None) -> list[int]:
    """Return where the bands of scores begin; by default two up to the threshold and two above it.

    Raises:
        BandsNotPossible: those asked for leave out a score, or have two bands for one.
    """
    if asked is None:
        above = model.threshold + 1
        return sorted({0, (model.threshold + 2) // 2, above, above + (model.most - model.threshold) // 2})
    is_rising = all(low < high for low, high in pairwise(asked))
    if not asked or asked[0] != 0 or not is_rising or asked[-1] > model.most:
        raise BandsNotPossible(model)
    return list(asked)


def win_rates_of(decided: Sequence[Decided], model: Model, edges: Sequence[int]) -> WinRates:
    """Return how much was won of what a model had scored how; what others had scored, or nobody, stands beside it."""
    ends = [*(edge - 1 for edge in edges[1:]), model.most]
    bands = [Band(low, high, Rate()) for low, high in zip(edges, ends, strict=True)]
    found = WinRates(
        bands,
        {value: Rate() for value in Value},
        Rate(),
        Rate(),
        Rate(),
        sum(one.simulated for one in decided),
    )
    for one in decided:
        for rate in _rates_for(found, one, model):
            rate.add(one.count, one.won, outdated=one.outdated)
    return found


def _rates_for(found: WinRates, one: Decided, model: Model) -> list[Rate]:
    if one.model is None:
        return [found.whole, found.unassessed]
    if one.model != model.number:
        return [found.whole, found.other_models]
    band = next(band for band in found.bands if band.low <= (one.score or 0) <= band.high)
    return [found.whole, band.rate, found.by_value[Value(one.value or "")]]


class WithWinning(StrEnum):
    """Whether a yes goes with winning; `unclear` where the difference may as well be none."""

    YES = "yes"
    NO = "no"
    UNCLEAR = "unclear"


@dataclass(frozen=True, slots=True)
class AnswerCount:
    """How many of the decided had an answer to a question, and were won."""

    question: str
    answer: str
    outdated: bool
    count: int
    won: int


@dataclass(frozen=True, slots=True)
class QuestionRates:
    """How much was won by the answer to a question, and what a yes makes of it against a no."""

    key: str
    by_answer: Mapping[Answer, Rate]

    @property
    def difference(self) -> Decimal | None:
        """The win rate of the yeses less that of the noes, unrounded; None where either has none."""
        yes, no = self.by_answer[Answer.YES].ratio, self.by_answer[Answer.NO].ratio
        return None if yes is None or no is None else yes - no

    @property
    def interval(self) -> Interval | None:
        """Where the difference lies with 95 % confidence."""
        yes, no = self.by_answer[Answer.YES], self.by_answer[Answer.NO]
        return difference((yes.won, yes.decided), (no.won, no.decided))

    @property
    def with_winning(self) -> WithWinning | None:
        """Whether a yes goes with winning; None where there is nothing to compare."""
        interval = self.interval
        if interval is None:
            return None
        if interval.low > 0:
            return WithWinning.YES
        return WithWinning.NO if interval.high < 0 else WithWinning.UNCLEAR


def questions_of(counts: Iterable[AnswerCount], model: Model) -> list[QuestionRates]:
    """Return how much was won by the answers to each question of a model, in its order."""
    found: dict[str, dict[Answer, Rate]] = {key: {answer: Rate() for answer in Answer} for key in model.keys}
    for one in counts:
        found[one.question][Answer(one.answer)].add(one.count, one.won, outdated=one.outdated)
    return [QuestionRates(key, by_answer) for key, by_answer in found.items()]
