"""The shop's traffic: which transactions it is made of."""

from collections import Counter
from random import Random

from airflow_adbsync.local.demo.shop.dice import Dice, Extent
from airflow_adbsync.local.demo.shop.traffic import MIX, next_transaction

SMALL = Extent(customers=5, orders=7, products=3, documents=2, employees=4)


def some(count: int, seed: int = 1) -> list:
    rng = Random(seed)
    return [next_transaction(rng, SMALL) for _ in range(count)]


def test_the_same_seed_gives_the_same_transactions() -> None:
    assert some(200, seed=3) == some(200, seed=3)
    assert some(200, seed=3) != some(200, seed=4)


def test_every_kind_occurs_about_as_often_as_the_mix_says() -> None:
    seen = Counter(transaction.kind for transaction in some(20_000))
    weights = {kind.__name__: weight for kind, weight in MIX}
    assert seen.keys() == weights.keys()
    share = seen["place_order"] / seen.total()
    assert abs(share - weights["place_order"] / sum(weights.values())) < 0.02


def test_each_transaction_begins_and_ends_once() -> None:
    for transaction in some(2_000):
        assert transaction.sql.startswith("BEGIN;")
        assert transaction.ending == ("ROLLBACK" if transaction.kind == "never_mind" else "COMMIT")
        assert "COMMIT" not in transaction.begun
        assert transaction.begun.rstrip().endswith(";")


def test_ids_stay_within_the_shop() -> None:
    dice = Dice(Random(5), SMALL)
    assert {dice.customer for _ in range(500)} == set(range(1, 6))
    assert {dice.document for _ in range(500)} == {1, 2}
