"""Reports over assessments, recomputed by hand from what was told."""

import random
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from servicekit.values.intervals import difference, ratio_of, shown_ratio, wilson
from tests.house import Client, House
from tests.make import Make
from tests.opportunity.assessment.answering import DIMENSIONS, QUESTIONS
from tests.opportunity.assessment.test_importing_assessments import BATCHES
from tests.opportunity.histories import batch, item

Report = dict[str, Any]
Moments = list[tuple[datetime, str]]


@dataclass(frozen=True)
class Assessed:
    """An assessment that was imported."""

    at: datetime
    answers: dict[str, str]

    def count(self, answer: str, keys: Sequence[str] = QUESTIONS) -> int:
        return sum(self.answers.get(key, "unanswered") == answer for key in keys)

    @property
    def score(self) -> int:
        return self.count("yes")

    @property
    def most(self) -> int:
        return 20 - self.count("no")

    @property
    def value(self) -> str:
        return "high" if self.score > 10 else "not_high" if self.most <= 10 else "undecided"


@dataclass(frozen=True)
class Story:
    """An opportunity: its changes of stage in order (an outcome last, perhaps), and its assessments."""

    changes: Moments
    assessments: list[Assessed]

    def stood(self, until: datetime) -> tuple[datetime, str] | None:
        return next((one for one in reversed(self.changes) if one[0] < until), None)

    def state(self, until: datetime) -> str | None:
        found = self.stood(until)
        return None if found is None else found[1] if found[1] in {"won", "lost"} else "open"

    def held(self, fits: Callable[[datetime], bool]) -> Assessed | None:
        return next((one for one in reversed(self.assessments) if fits(one.at)), None)


@dataclass(frozen=True)
class Known:
    """Who may ask, and every story of the seller's."""

    manager: Client
    seller: Client
    stories: list[Story]
    today: date


def story(chance: random.Random, now: datetime) -> Story:
    at = now - timedelta(days=chance.randrange(100, 400))
    changes: Moments = [(at, "find_contact")]
    for stage in chance.choice([(), ("confirm_need",), ("shortlist",), ("map_organisation", "selected")]):
        at += timedelta(days=chance.randrange(1, 20), minutes=chance.randrange(600))
        changes.append((at, stage))
    if chance.random() < 0.6:
        at += timedelta(days=chance.randrange(1, 40))
        changes.append((at, chance.choice(["won", "lost"])))
    last = at if changes[-1][1] in {"won", "lost"} else now - timedelta(days=1)
    began = changes[0][0]
    times = sorted(began + (last - began) * chance.random() for _ in range(chance.choice([0, 1, 1, 2, 3])))
    lean = chance.random()
    weights = [lean, (1 - lean) * 0.6, (1 - lean) * 0.4 + 0.05]
    told = [
        Assessed(at, {key: chance.choices(["yes", "no", "unanswered"], weights)[0] for key in QUESTIONS})
        for at in times
    ]
    return Story(changes, told)


def _entry(at: datetime, to: str) -> dict[str, str]:
    if to == "lost":
        return {"at": at.isoformat(), "outcome": "lost", "loss_reason": "price"}
    return {"at": at.isoformat()} | ({"outcome": "won"} if to == "won" else {"to_stage": to})


@pytest.fixture(scope="module")
async def known(house: House) -> Known:
    chance, now = random.Random(20), house.clock()  # noqa: S311 (draws test data)
    operations, (manager, seller) = await house.import_client(), await Make(house).line(2)
    stories = [story(chance, now) for _ in range(60)]
    items = [item(seller, [_entry(*change) for change in one.changes]) for one in stories]
    made = await batch(operations, *items)
    assessments = [
        {
            "external_reference": {"system": "tests", "id": f"{items[place]['external_reference']['id']}-{number}"},
            "opportunity_id": made[place]["id"],
            "assessed_at": each.at.isoformat(),
            "answers": each.answers,
        }
        for place, one in enumerate(stories)
        for number, each in enumerate(one.assessments)
    ]
    answer = await operations.done("POST", BATCHES, {"items": assessments})
    assert {one["outcome"] for one in answer["items"]} == {"created"}
    return Known(manager, seller, stories, now.date())


def midnight(day: date, like: datetime) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=like.tzinfo)


@pytest.mark.parametrize("days", [0, 30, 120, 300])
@pytest.mark.parametrize("state", ["open", "won"])
async def test_the_distribution_is_that_of_what_stood_then(known: Known, days: int, state: str) -> None:
    as_of = known.today - timedelta(days=days)
    until = midnight(as_of + timedelta(days=1), known.stories[0].changes[0][0])
    fresh = until - timedelta(days=91)
    due = [one for one in known.stories if one.state(until) == state]
    held = [(one, found) for one in due if (found := one.held(lambda at: at < until))]

    def is_outdated(one: Story, found: Assessed) -> bool:
        stood = one.stood(until)
        return found.at < fresh or (stood is not None and found.at < stood[0])

    # the manager stands above the seller from today on
    scope = "scope=subtree" if days == 0 else f"scope=person&person_id={known.seller.id}"
    report: Report = await known.manager.done(
        "GET", f"/v1/assessments/distribution?{scope}&as_of={as_of}&state={state}"
    )

    outdated = [found for one, found in held if is_outdated(one, found)]
    assert (report["count"], report["assessed"], report["unassessed"]) == (len(due), len(held), len(due) - len(held))
    assert report["outdated"] == len(outdated)
    assert {one["value"]: (one["count"], one["outdated"]) for one in report["values"]} == {
        value: (
            sum(found.value == value for _, found in held),
            sum(found.value == value for found in outdated),
        )
        for value in ("high", "not_high", "undecided")
    }
    if not held:
        assert report["models"] == []
        return
    (by_first,) = report["models"]
    scores, mosts = (Counter(getattr(found, name) for _, found in held) for name in ("score", "most"))
    assert [(bar["count"], bar["count_most"]) for bar in by_first["bars"]] == [
        (scores[score], mosts[score]) for score in range(21)
    ]
    for bar in by_first["bars"]:
        assert bar["high"] + bar["not_high"] + bar["undecided"] == bar["count"]
        assert bar["outdated"] == sum(found.score == bar["score"] for found in outdated)
    cent = Decimal("0.01")
    assert Decimal(by_first["mean_score"]) == (Decimal(sum(scores.elements())) / len(held)).quantize(cent)
    assert Decimal(by_first["mean_score_most"]) == (Decimal(sum(mosts.elements())) / len(held)).quantize(cent)
    for told, keys in zip(by_first["dimensions"], DIMENSIONS.values(), strict=True):
        yes = Decimal(sum(found.count("yes", keys) for _, found in held)) / len(held)
        most = Decimal(sum(len(keys) - found.count("no", keys) for _, found in held)) / len(held)
        assert (Decimal(told["mean_score"]), Decimal(told["mean_score_most"])) == (
            yes.quantize(cent),
            most.quantize(cent),
        )


@dataclass(frozen=True)
class End:
    """How an opportunity was decided, and by which assessment it stood then."""

    won: bool
    held: Assessed | None
    outdated: bool


def ends(known: Known, first: date, end: date) -> list[End]:
    """Return what was decided from a day up to another, which is not included."""
    found = []
    for one in known.stories:
        at, to = one.changes[-1]
        if to not in {"won", "lost"} or not first <= at.date() < end:
            continue
        held = one.held(lambda when, decided=at: when <= decided)  # type: ignore[misc]
        outdated = held is not None and (
            held.at < midnight(at.date() - timedelta(days=90), at)
            or any(held.at < moved < at for moved, _ in one.changes)
        )
        found.append(End(to == "won", held, outdated))
    return found


def due_rate(some: Sequence[End]) -> Report:
    won = sum(one.won for one in some)
    ratio, interval = ratio_of(won, len(some)), wilson(won, len(some))
    return {
        "won": won,
        "decided": len(some),
        "outdated": sum(one.outdated for one in some),
        "win_rate": None if ratio is None else f"{shown_ratio(ratio):f}",
        "interval": None
        if interval is None
        else {"low": f"{shown_ratio(interval.low):f}", "high": f"{shown_ratio(interval.high):f}"},
    }


def told_rate(answer: Report) -> Report:
    return {name: answer[name] for name in ("won", "decided", "outdated", "win_rate", "interval")}


@pytest.mark.parametrize("window", [(365, 0), (200, 60), (20, 15)])
async def test_win_rates_count_the_assessment_in_force_at_the_decision(known: Known, window: tuple[int, int]) -> None:
    first, end = (known.today - timedelta(days=days) for days in window)
    decided = ends(known, first, end)
    path = f"/v1/assessments/win-rates?scope=person&person_id={known.seller.id}&from_date={first}&until_date={end}"

    report: Report = await known.manager.done("GET", path)
    finer: Report = await known.manager.done("GET", path + "".join(f"&edges={edge}" for edge in (0, 3, 12)))

    assert told_rate(report["whole"]) == due_rate(decided)
    assert told_rate(report["unassessed"]) == due_rate([one for one in decided if one.held is None])
    assert told_rate(report["other_models"]) == due_rate([])
    held = [(one, one.held) for one in decided if one.held is not None]
    for told, edges in ((report, [(0, 5), (6, 10), (11, 15), (16, 20)]), (finer, [(0, 2), (3, 11), (12, 20)])):
        assert [(band["from_score"], band["to_score"]) for band in told["bands"]] == edges
        for band, (low, high) in zip(told["bands"], edges, strict=True):
            assert told_rate(band) == due_rate([one for one, found in held if low <= found.score <= high])
    for one in report["values"]:
        assert told_rate(one) == due_rate([each for each, found in held if found.value == one["value"]])


async def test_questions_tell_whether_a_yes_goes_with_winning(known: Known) -> None:
    first, end = known.today - timedelta(days=365), known.today + timedelta(days=1)
    decided = [one for one in ends(known, first, end) if one.held is not None]

    report: Report = await known.manager.done("GET", f"/v1/assessments/questions?from_date={first}")

    assert [one["key"] for one in report["questions"]] == QUESTIONS
    for told in report["questions"]:
        by_answer = {
            answer: [each for each in decided if each.held and each.held.answers[told["key"]] == answer]
            for answer in ("yes", "no", "unanswered")
        }
        for answer, some in by_answer.items():
            assert told_rate(told[answer]) == due_rate(some)
        yes, no = ((sum(one.won for one in by_answer[each]), len(by_answer[each])) for each in ("yes", "no"))
        interval = difference(yes, no)
        assert interval is not None
        assert told["difference"] == f"{shown_ratio(Decimal(yes[0]) / yes[1] - Decimal(no[0]) / no[1]):f}"
        assert told["difference_interval"] == {
            "low": f"{shown_ratio(interval.low):f}",
            "high": f"{shown_ratio(interval.high):f}",
        }
        due = "yes" if interval.low > 0 else "no" if interval.high < 0 else "unclear"
        assert told["with_winning"] == due


@pytest.mark.parametrize("report", ["distribution", "win-rates", "questions"])
async def test_reports_are_about_what_one_may_see(make: Make, known: Known, report: str) -> None:
    stranger, presales = await make.seller(), await make.seller()
    path = f"/v1/assessments/{report}"
    assert (await stranger.get(f"{path}?scope=person&person_id={known.seller.id}")).status_code == 404
    assert (await presales.get(f"{path}?scope=everything")).status_code == 403
    assert (await stranger.get(f"{path}?scope=customer")).json()["code"] == "scope_incomplete"
    own = await stranger.done("GET", path)
    counts = {
        "distribution": ("count",),
        "win-rates": ("whole", "decided"),
        "questions": ("questions", 0, "yes", "won"),
    }
    found: Any = own
    for step in counts[report]:
        found = found[step]
    assert found == 0


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("distribution?as_of=2999-01-01", "window_not_possible"),
        ("win-rates?from_date=2026-02-01&until_date=2026-01-01", "window_not_possible"),
        ("win-rates?edges=1", "score_bands_not_possible"),
        ("win-rates?edges=0&edges=5&edges=5", "score_bands_not_possible"),
        ("win-rates?edges=0&edges=21", "score_bands_not_possible"),
        ("questions?model=999", "assessment_model_not_published"),
    ],
)
async def test_reports_that_cannot_be(make: Make, query: str, code: str) -> None:
    seller = await make.seller()
    refused = await seller.get(f"/v1/assessments/{query}")
    assert (refused.status_code, refused.json()["code"]) == (422, code)
