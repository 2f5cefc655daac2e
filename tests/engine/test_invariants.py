"""Whatever the packets are: no exception, and nothing that contradicts itself."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine import conversation, samples
from engine.consistent import SMALL, check
from engine.playbook import CLIENT, SECOND, SERVER, START_NS, Packet, Play, watch_all
from tlscap.engine.limits import Limits


def conversations() -> list[conversation.Steps]:
    made = [
        conversation.tls12_mutual(True),
        conversation.tls12_resumed(False),
        conversation.tls13_mutual(False),
        conversation.tls13_hello_retry(),
    ]
    for name in ("renegotiation-ok", "renegotiation-refused"):
        made.append(samples.conversation(name, samples.truths(name)[0]))
    return made


PACKETS = [
    [packet for mss in (200, 1460) for packet in Play(mss=mss).open().speak(steps).close(CLIENT).packets]
    for steps in conversations()
]


@st.composite
def damaged(draw: st.DrawFn) -> list[Packet]:
    """A connection some of whose packets were lost, repeated, moved, cut, changed or sent at another time."""
    packets = list(draw(st.sampled_from(PACKETS)))
    for _ in range(draw(st.integers(1, 12))):
        at = draw(st.integers(0, len(packets) - 1))
        packets[at : at + 1] = draw(_damage(packets[at]))
        if draw(st.booleans()):
            other = draw(st.integers(0, len(packets) - 1))
            packets.insert(other, packets[draw(st.integers(0, len(packets) - 1))])
        if len(packets) < 2:
            break
    return packets


def _damage(packet: Packet) -> st.SearchStrategy[list[Packet]]:
    payload = packet.payload
    return st.one_of(
        st.just([]),
        st.just([packet, packet]),
        st.integers(0, 63).map(lambda flags: [replace(packet, flags=flags)]),
        st.integers(-3000, 3000).map(lambda more: [replace(packet, seq=(packet.seq + more) % (1 << 32))]),
        st.integers(0, (1 << 32) - 1).map(lambda seq: [replace(packet, seq=seq)]),
        st.integers(0, (1 << 32) - 1).map(lambda ack: [replace(packet, ack=ack)]),
        st.integers(-SECOND, 10 * SECOND).map(lambda more: [packet.at(max(0, packet.ns + more))]),
        st.integers(0, 255).map(lambda ttl: [replace(packet, ttl=ttl)]),
        st.integers(0, len(payload)).map(lambda cut: [replace(packet, cut=cut)]),
        st.integers(0, len(payload)).map(lambda end: [replace(packet, payload=payload[:end])]),
        st.tuples(st.integers(0, max(0, len(payload) - 1)), st.binary(min_size=1, max_size=8)).map(
            lambda put: [replace(packet, payload=payload[: put[0]] + put[1] + payload[put[0] + len(put[1]) :])]
        ),
        st.binary(max_size=400).map(lambda junk: [replace(packet, payload=junk)]),
    )


@settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(packets=damaged(), small=st.booleans())
def test_damaged_connections_are_judged_without_an_exception(packets: list[Packet], small: bool) -> None:
    for seen in watch_all(packets, SMALL if small else Limits()):
        check(seen)


@settings(max_examples=100, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from([CLIENT, SERVER]),
            st.integers(0, 63),
            st.integers(0, 4000),
            st.integers(0, 4000),
            st.sampled_from(
                [b"", b"\x16\x03\x01", b"\x15\x03\x03\x00\x02\x02\x28", b"\x17\x03\x03\x00\x13" + bytes(19)]
            )
            | st.sampled_from([conversation.tls12()[0][1], conversation.tls12()[1][1], conversation.tls13()[1][1]])
            | st.binary(max_size=40),
            st.integers(0, 2 * SECOND),
        ),
        max_size=30,
    )
)
def test_packets_in_no_order_are_judged_without_an_exception(told: list[tuple[int, int, int, int, bytes, int]]) -> None:
    model = Play().open().packets[0]
    ns = START_NS
    packets = []
    for sender, flags, seq, ack, payload, wait in told:
        ns += wait
        packets.append(replace(model, sender=sender, flags=flags, seq=seq, ack=ack, payload=payload, ns=ns))
    for seen in watch_all(packets, SMALL):
        check(seen)
