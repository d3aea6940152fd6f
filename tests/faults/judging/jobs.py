"""Did every job that was taken in come to its end once, with all that it was for?"""

from collections import Counter
from collections.abc import Iterator

from tests.faults.history import Call, History, Outcome
from tests.faults.judging.verdicts import Broken, Verdict
from tests.faults.state import Final

SERVICES = ("opportunity", "customer")
FINISHED = "job.finished"


def judge(history: History, final: Final) -> Iterator[Verdict]:
    """Compare jobs that were asked for with their results, their rows and the events of their ends."""
    there = {row["id"]: row for service in SERVICES for row in final.of(service, "jobs")}
    ends = Counter(
        row["aggregate_id"] for service in SERVICES for row in final.of(service, "feed") if row["type"] == FINISHED
    )
    told = set()
    for call in history.calls:
        if call.operation not in {"import_job", "export_job"} or call.outcome is not Outcome.ACKNOWLEDGED:
            continue
        job, about = call.answer["id"], f"{call.operation} {call.answer['id']}"
        told.add(job)
        if job not in there:
            yield Verdict(Broken.LOST, about, "it was taken in and is not there")
        elif there[job]["state"] != "succeeded":
            yield Verdict(Broken.UNRESOLVED, about, f"{there[job]['state']}, {call.answer.get('problem')}")
        elif ends[job] != 1:
            yield Verdict(Broken.EVENT_DOUBLED if ends[job] else Broken.EVENT_LOST, about, f"ended {ends[job]} times")
        elif call.operation == "import_job":
            yield from _import(about, call)
        else:
            yield from _export(about, call, history)
    for job in there.keys() - told:
        yield Verdict(Broken.DOUBLED, f"job {job}", "nobody was told of it")


def _import(about: str, call: Call) -> Iterator[Verdict]:
    places = [item["index"] for item in call.answer.get("items", ())]
    wanted = len(call.body["items"])
    if places != list(range(wanted)):
        broken = Broken.DOUBLED if len(places) > len(set(places)) else Broken.LOST
        yield Verdict(broken, about, f"{len(places)} outcomes of {wanted} items")
    if (done := call.answer["progress"]["done"]) != wanted:
        yield Verdict(Broken.DOUBLED if done > wanted else Broken.LOST, about, f"{done} done of {wanted}")


def _export(about: str, call: Call, history: History) -> Iterator[Verdict]:
    """The file has once whatever was acknowledged before it was asked for."""
    rows = Counter(call.answer.get("rows", ()))
    for row, count in rows.items():
        if count > 1:
            yield Verdict(Broken.DOUBLED, about, f"{row} is in it {count} times")
    for before in history.calls:
        made = before.operation == "create_customer" and before.outcome is Outcome.ACKNOWLEDGED
        if made and before.ended < call.began and not rows[before.answer["id"]]:
            yield Verdict(Broken.LOST, about, f"{before.answer['id']} is not in it")
