"""In which order what waits for loaded tables is built."""

from __future__ import annotations

from random import Random

from hypothesis import given
from hypothesis import strategies as st

from airflow_adbsync.engine.load.building import Site, Step, pick
from airflow_adbsync.engine.model import QualifiedName
from airflow_adbsync.engine.state.builds import Build


def site(name: str, size: int, keys: int, indexes: int, *, analyze: bool = True) -> Site:
    table = QualifiedName("public", name)
    kinds = [True] * keys + [False] * indexes
    builds = [Build(f"{name} {n}", table, is_key, "SELECT 1") for n, is_key in enumerate(kinds)]
    return Site(table, size, builds, analyze=analyze)


def begun(sites: list[Site]) -> list[Step]:
    steps = []
    while step := pick(sites):
        steps.append(step)
    return steps


def test_the_largest_first_keys_alone_indexes_together_statistics_last() -> None:
    small, large = site("small", 1, 1, 0), site("large", 9, 1, 2)

    first = begun([small, large])
    assert list(map(str, first)) == ["large 0", "small 0"]
    first[0].site.end(well=True)
    second = begun([small, large])
    assert list(map(str, second)) == ["large 1", "large 2"]
    large.end(well=True)
    assert begun([small, large]) == []
    large.end(well=True)
    assert list(map(str, begun([large]))) == ["statistics of public.large"]
    large.end(well=True)
    assert large.is_done
    assert not small.is_done


def test_after_a_failure_only_statistics_are_left() -> None:
    table = site("table", 1, 1, 2)
    begun([table])
    table.end(well=False)
    assert list(map(str, begun([table]))) == ["statistics of public.table"]


@given(
    st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3), st.booleans()), min_size=1, max_size=4),
    st.randoms(use_true_random=False),
)
def test_all_is_built_and_a_key_never_beside_anything(
    tables: list[tuple[int, int, bool]], chance: Random
) -> None:
    sites = [site(f"t{n}", n, keys, indexes, analyze=say) for n, (keys, indexes, say) in enumerate(tables)]
    running: list[Step] = []
    done = 0
    while any(not each.is_done for each in sites):
        running += begun(sites)
        for each in sites:
            beside = [step for step in running if step.site is each]
            alone = [step for step in beside if step.build is None or step.build.is_key]
            assert not alone or len(beside) == 1
        step = running.pop(chance.randrange(len(running)))
        step.site.end(well=True)
        done += 1
    assert done == sum(keys + indexes + say for keys, indexes, say in tables)
