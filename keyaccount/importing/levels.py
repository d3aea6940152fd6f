"""Records that refer to others of their own kind are sent after those: level by level."""

from collections.abc import Iterable, Sequence

from keyaccount.importing.catalogue import Planned

BATCH_ITEMS = 500


def levels(records: Sequence[Planned]) -> list[list[Planned]]:
    """Sort records so that each comes after what it refers to among them; a circle is refused record by record."""
    waiting = {record.id: record for record in records}
    inside = {record.id: _needs(record, waiting) for record in records}
    sorted_levels: list[list[Planned]] = []
    while waiting:
        ready = [record for record in waiting.values() if not (inside[record.id] & waiting.keys())]
        if not ready:
            _refuse_circle(waiting.values())
            ready = list(waiting.values())
        sorted_levels.append(ready)
        for record in ready:
            del waiting[record.id]
    return sorted_levels


def _needs(record: Planned, among: dict[str, Planned]) -> set[str]:
    return {named.id for named in record.references if named.kind == record.kind and named.id in among}


def _refuse_circle(records: Iterable[Planned]) -> None:
    for record in records:
        record.refused = f"it refers, over others, to itself or to such a circle of {record.kind}"


def chunks(records: Sequence[Planned]) -> list[Sequence[Planned]]:
    """Cut records into batches of at most 500."""
    return [records[start : start + BATCH_ITEMS] for start in range(0, len(records), BATCH_ITEMS)]
