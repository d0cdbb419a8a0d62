"""The writer's counting."""

from airflow_adbsync.local.demo.shop.tally import Tally


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_rate_is_since_the_last_report_and_average_since_the_beginning() -> None:
    clock = Clock()
    tally = Tally(clock)
    for _ in range(200):
        tally.count("a")
    clock.now += 1
    first = tally.report()
    clock.now += 1
    tally.count("b", failed=True)
    second = tally.report(final=True)
    assert (first.rate, first.average, first.transactions, first.final) == (200.0, 200.0, 200, False)
    assert (second.rate, second.average, second.transactions, second.final) == (0.0, 100.0, 200, True)
    assert (second.failed, second.kinds) == (1, {"a": 200})


def test_a_report_at_the_first_moment_divides_by_nothing() -> None:
    report = Tally(Clock()).report()
    assert (report.rate, report.average) == (0.0, 0.0)
