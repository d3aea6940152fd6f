from pathlib import Path

from tests.faults.history import Call, Delivered, Fault, Followed, History, Outcome, Read, Waited, read_history

BATCH = {"items": [{"outcome": "created"}, {"outcome": "updated"}, {"outcome": "unchanged"}, {"outcome": "rejected"}]}


def test_what_is_kept_in_a_file_is_read_back(tmp_path: Path) -> None:
    kept = tmp_path / "history.jsonl"
    with kept.open("w") as file:
        history = History(file=file)
        for answer, outcome in (
            ({"id": "a"}, Outcome.ACKNOWLEDGED),
            (BATCH, Outcome.ACKNOWLEDGED),
            ({}, Outcome.REFUSED),
        ):
            history.add(Call(1, "act", "me", "/", "key", None, "mark", None, 1.0, 2.0, ["lost"], outcome, answer))
        history.add(Read("me", "get", "a", 1.0, 2.0, ["a"]))
        history.add(Fault("killed", "team", 1.0, is_kill=True, back_seconds=0.5))
        history.add(Followed("team", 1, "event", "changed", "a", 1))
        history.add(Delivered("team", 1, "event", "changed", "a", 1.0))
        history.add(Waited("team", "customer", 200, 0.1))
    again = read_history(kept)
    assert (again.calls, again.reads, again.faults) == (history.calls, history.reads, history.faults)
    assert (again.followed, again.waited) == (history.followed, history.waited)
    assert again.delivered == history.delivered
    assert (again.singles, again.items, again.writes, again.kills) == (1, 2, 3, 1)
    assert all(call.was_unknown for call in again.calls)
