"""The flow table against a dictionary."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from tlscap.engine.certificate_store import CertificateStore
from tlscap.engine.connection import Connection
from tlscap.engine.flow import FIRST_SIZE, FlowTable, hash_key
from tlscap.engine.limits import Limits

Key = tuple[int, int, int, int, int]

WORDS = st.integers(0, (1 << 64) - 1)
KEYS = st.tuples(WORDS, WORDS, WORDS, WORDS, st.integers(0, (1 << 32) - 1))
FEW = st.tuples(st.just(0), st.integers(0, 3), st.just(0), st.integers(0, 3), st.integers(0, 3))
"""So few that a machine meets the same one again."""

LIMITS, CERTIFICATES = Limits(), CertificateStore()


def connection(key: Key, key_hash: int | None = None) -> Connection:
    made = Connection(LIMITS, CERTIFICATES, False)
    made.a_hi, made.a_lo, made.b_hi, made.b_lo, made.ports = key
    made.key_hash = hash_key(*key) if key_hash is None else key_hash
    return made


@given(KEYS)
def test_a_hash_has_64_bits_and_is_the_same_each_time(key: Key) -> None:
    assert hash_key(*key) == hash_key(*key)
    assert 0 <= hash_key(*key) < 1 << 64


def test_addresses_and_ports_that_differ_little_fall_far_apart() -> None:
    hashes = {hash_key(0, 0x0A000001 + i, 0, 0xC0000201, (40000 + j) << 16 | 443) for i in range(64) for j in range(64)}
    assert len({(value >> 32) & (FIRST_SIZE - 1) for value in hashes}) > 0.9 * FIRST_SIZE


class AgainstADictionary(RuleBasedStateMachine):
    """Adds, finds and removes connections, some of which collide on purpose."""

    def __init__(self) -> None:
        super().__init__()
        self.table = FlowTable()
        self.model: dict[Key, Connection] = {}

    def find(self, key: Key, key_hash: int) -> Connection | None:
        return self.table.find(key_hash, *key)

    @rule(key=FEW | KEYS, crowded=st.booleans())
    def add(self, key: Key, crowded: bool) -> None:
        if key in self.model:
            return
        # Crowded ones begin at the table's last places and run on at its start.
        made = connection(key, (FIRST_SIZE - 2 + key[4] % 2) << 32 if crowded else None)
        self.table.add(made)
        self.model[key] = made

    @rule(data=st.data())
    def remove(self, data: st.DataObject) -> None:
        if self.model:
            key = data.draw(st.sampled_from(sorted(self.model)))
            self.table.remove(self.model.pop(key))

    @rule(key=FEW)
    def finds_nothing_that_is_not_held(self, key: Key) -> None:
        if key not in self.model:
            assert self.find(key, hash_key(*key)) is None
            assert self.find(key, (FIRST_SIZE - 1) << 32) is None

    @invariant()
    def finds_each_that_is_held(self) -> None:
        assert self.table.count == len(self.model)
        for key, held in self.model.items():
            assert self.find(key, held.key_hash) is held
        assert set(map(id, self.table.connections())) == set(map(id, self.model.values()))


TestAgainstADictionary = AgainstADictionary.TestCase
TestAgainstADictionary.settings = settings(max_examples=40, stateful_step_count=40, deadline=None)


def test_grows_and_finds_all_again() -> None:
    table = FlowTable()
    held = {(0, i, 0, i + 1, i): connection((0, i, 0, i + 1, i)) for i in range(3 * FIRST_SIZE)}
    for made in held.values():
        table.add(made)
    assert all(table.find(made.key_hash, *key) is made for key, made in held.items())
    for i, (key, made) in enumerate(held.items()):
        if i % 3:
            table.remove(made)
            assert table.find(made.key_hash, *key) is None
    assert all((table.find(made.key_hash, *key) is made) == (i % 3 == 0) for i, (key, made) in enumerate(held.items()))
    assert table.count == FIRST_SIZE


def test_uses_freed_places_again() -> None:
    table = FlowTable()
    for i in range(10 * FIRST_SIZE):
        made = connection((0, i, 0, 0, 0))
        table.add(made)
        assert made.slot <= 1
        table.remove(made)
        assert made.slot == -1
    assert table.connections() == []
