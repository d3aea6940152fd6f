import pytest

from gateway.traces import trace_of

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
PARENT = "00f067aa0ba902b7"


def test_a_valid_trace_goes_on_with_a_span_of_ours() -> None:
    trace = trace_of(
        [(b"traceparent", f"00-{TRACE}-{PARENT}-01".encode()), (b"tracestate", b"a=1"), (b"tracestate", b"b=2")]
    )

    version, trace_id, span, flags = trace.parent.split("-")
    assert (version, trace_id, flags) == ("00", TRACE, "01")
    assert span != PARENT
    assert trace.trace_id == TRACE
    assert trace.state == b"a=1,b=2"


def test_a_later_version_is_read_as_far_as_it_is_known() -> None:
    assert trace_of([(b"traceparent", f"cc-{TRACE}-{PARENT}-01-what-is-to-come".encode())]).trace_id == TRACE


@pytest.mark.parametrize(
    "value",
    [
        f"00-{TRACE.upper()}-{PARENT}-01",
        f"ff-{TRACE}-{PARENT}-01",
        f"00-{'0' * 32}-{PARENT}-01",
        f"00-{TRACE}-{'0' * 16}-01",
        f"00-{TRACE}-{PARENT}-01-more",
        f"00-{TRACE}-{PARENT}",
        f"00-{TRACE}-{PARENT}-01\n",
        "' OR 1=1",
        "",
    ],
)
def test_an_invalid_trace_is_replaced_and_its_state_dropped(value: str) -> None:
    trace = trace_of([(b"traceparent", value.encode()), (b"tracestate", b"a=1")])

    assert trace.trace_id != TRACE
    assert len(trace.trace_id) == 32
    assert trace.state is None


def test_two_parents_are_none() -> None:
    parent = (b"traceparent", f"00-{TRACE}-{PARENT}-01".encode())
    assert trace_of([parent, parent]).trace_id != TRACE
