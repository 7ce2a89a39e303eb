"""What opens an alert, what it says, and what closes it."""

import numpy as np
import pytest

from mlops_magics.errors.unknown import UnknownName
from mlops_magics.monitoring import Event, alerts, judging, rules, silence
from mlops_magics.monitoring.closing import Window, closed
from mlops_magics.monitoring.findings import of_silence
from mlops_magics.monitoring.story import Judged, Story, kept_windows

ROWS = 200


@pytest.fixture
def days(make, storage, backend, clock):
    """Record a day of events and judge what has closed when it is over."""
    baseline = make.baseline()
    judged = Judged(model_id="churn", version="v1", baseline=baseline)
    day = 24 * make.HOUR

    class Days:
        number = 0

        def record(self, rows=ROWS, at=None, seed=None, **changed):
            begin = make.START + (self.number if at is None else at) * day
            times = begin + np.arange(rows) * (day // rows)
            seed = self.number if seed is None else seed
            batch = make.batch(rows, seed, times=times, **changed)
            backend.record_batch("churn", "v1", batch, baseline)

        def end(self):
            self.number += 1
            clock.time = make.START + self.number * day + 1
            return judging.judge_events(storage, judged)

        def one(self, **changed):
            self.record(**changed)
            return self.end()

        def several(self, count, change=None):
            found = []
            for _ in range(count):
                changed = {} if change is None else change(make.features(ROWS, self.number))
                found += self.one(**changed)
            return found

    Days.judged, Days.storage = judged, storage
    return Days()


def older(table):
    return {"age": table.columns["age"].values + 6}


def test_a_day_closes_with_a_hundred_events_and_else_takes_the_next_one():
    assert closed({1: 99, 2: 1, 3: 150, 4: 20}, today=4) == [Window(1, 3, 100), Window(3, 4, 150)]
    assert closed({1: 100}, today=1) == []
    assert closed({}, today=9) == []


def test_a_column_that_moves_opens_an_alert_that_says_what_how_surely_and_since_when(days, make):
    days.several(6)
    days.several(1, older)

    (alert,) = alerts.read(days.storage, "churn", state="open")

    assert (alert.subject, alert.kind, alert.version) == ("age", "drift", "v1")
    assert alert.said.startswith("age is higher, size 0.")
    assert alert.by_chance.startswith("p < 0.0001 over 6 columns")
    assert alert.window == (make.START + 6 * 24 * make.HOUR, make.START + 7 * 24 * make.HOUR)
    assert alert.opened_at == alert.window[1]
    assert alert.next == "%monitor churn drift"


def test_an_alert_is_over_after_clean_windows_and_is_one_alert_until_then(days):
    days.several(6)
    days.several(3, older)
    days.several(8)

    found = [alert for alert in alerts.read(days.storage, "churn") if alert.subject == "age"]

    assert [alert.state for alert in found] == ["closed"]
    changes = alerts.history(days.storage, "churn", found[0].alert_id)
    assert [change.alert.state for change in changes][-1] == "closed"
    # three windows are together with the last one that moved; then two say nothing
    assert (found[0].closed_at - found[0].opened_at) // (24 * 3_600_000_000) >= 3


def test_looking_again_and_late_rows_of_a_judged_window_change_nothing(days):
    days.several(3)
    before = kept_windows(days.storage, days.judged, "events")

    days.record(at=1, seed=50, age=np.full(ROWS, 90.0))

    assert judging.judge_events(days.storage, days.judged) == ()
    assert kept_windows(days.storage, days.judged, "events") == before
    assert alerts.read(days.storage, "churn", state="open") == ()


def test_of_two_that_look_at_once_one_writes(days):
    days.several(2)
    first, second = (Story.read(days.storage, days.judged, "events") for _ in range(2))
    window = Window(first.end, first.end + 1, ROWS)
    broken = [of_silence(active_days=28, days=28, empty_days=9, longest=0)]
    for story in (first, second):
        story.tell(window, broken)

    assert [alert.state for alert in first.write(days.storage)] == ["open"]
    assert second.write(days.storage) == ()
    assert [one.window for one in kept_windows(days.storage, days.judged, "events")][2:] == [window]


@pytest.mark.parametrize(
    ("change", "subject", "kind", "said"),
    [
        (
            lambda t: {"spend": t.columns["spend"].values * 1000},
            "spend",
            "unit",
            "spend looks 1,000 times as large: has its unit changed?",
        ),
        (
            lambda t: {"age": np.full(ROWS, np.nan)},
            "age",
            "missing",
            "age missing in 100 %, 0 % before",
        ),
        (
            lambda t: {"age": np.where(np.arange(ROWS) % 3 == 0, np.nan, t.columns["age"].values)},
            "age",
            "missing",
            "age missing in 34 %, 0 % before",
        ),
        (
            lambda t: {
                "plan": np.where(np.arange(ROWS) % 5 == 0, "gold", t.columns["plan"].values)
            },
            "plan",
            "unseen",
            "plan: 'gold' unseen in training, 20 % of rows",
        ),
    ],
)
def test_a_broken_column_is_named_as_what_it_is(days, change, subject, kind, said):
    days.several(2)
    days.several(2, change)

    found = {a.subject: a for a in alerts.read(days.storage, "churn", state="open")}

    assert (found[subject].kind, found[subject].said) == (kind, said)


def test_an_alert_names_the_only_slice_in_which_something_moved(days):
    def only_pro(table):
        is_pro = table.columns["plan"].values == "pro"
        return {"age": table.columns["age"].values + 15 * is_pro}

    days.several(2)
    days.several(4, only_pro)

    found = {a.subject: a for a in alerts.read(days.storage, "churn") if a.opened_at}

    assert found["age"].slice == "plan is pro"


def test_a_failure_in_a_tenth_of_the_predictions_opens_an_alert(days, make, backend):
    days.several(3)
    for number in range(30):
        moment = make.START + 3 * 24 * make.HOUR + number
        event = Event(
            model_id="churn", version="v1", prediction=None, error="down", event_time=moment
        )
        backend.record_inference(event)
    days.one()

    (alert,) = [a for a in alerts.read(days.storage, "churn", "open") if a.kind == "errors"]

    assert alert.said == "13 % of predictions failed, 0 % before"
    assert alert.next == "%monitor churn events"


def test_a_latency_that_is_felt_and_is_not_what_it_was_opens_an_alert(storage, backend, make):
    def record(day, latency):
        for number in range(120):
            moment = make.START + day * 24 * make.HOUR + number
            backend.record_inference(
                Event(
                    model_id="slow",
                    version="v1",
                    prediction="no",
                    latency_ms=latency * (1 + number / 1000),
                    event_time=moment,
                )
            )

    judged = Judged(model_id="slow", version="v1", baseline=None)
    for day, latency in enumerate([1.0, 1.0, 10.0, 200.0]):
        record(day, latency)
    storage.clock.time = make.START + 5 * 24 * make.HOUR
    judging.judge_events(storage, judged)

    (alert,) = alerts.read(storage, "slow")

    assert alert.window[0] == make.START + 3 * 24 * make.HOUR
    assert alert.said.startswith("p95 of the latency is 2")


def test_silence_is_said_once_it_is_longer_than_any_pause_and_ends_with_the_next_window(
    storage, backend, make, clock
):
    day = 24 * make.HOUR
    judged = Judged(model_id="loose", version="-", baseline=None)

    def record():
        for _ in range(100):
            backend.record_inference(Event(model_id="loose", prediction="no"))

    for _ in range(14):
        record()
        clock.time += day
    judging.judge_events(storage, judged)
    assert silence.judge_silence(storage, judged) == ()
    clock.time += 3 * day

    (alert,) = silence.judge_silence(storage, judged)
    assert alert.said == "no predictions for 3 days"
    assert alert.by_chance == "p < 0.0001: they came on 14 of 14 days before"
    assert silence.judge_silence(storage, judged) == ()

    record()
    clock.time += day
    (over,) = judging.judge_events(storage, judged)
    assert (over.alert_id, over.state) == (alert.alert_id, "closed")


def test_rows_that_were_recorded_long_after_they_were_true_are_no_traffic(days, clock):
    days.several(10)
    days.record(at=10)
    clock.time += 400 * 24 * 3_600_000_000
    days.record(at=11)

    assert silence.judge_silence(days.storage, days.judged) == ()


def test_a_model_of_workdays_is_not_silent_on_a_weekend():
    assert of_silence(active_days=20, days=28, empty_days=2, longest=2) is None
    assert of_silence(active_days=20, days=28, empty_days=6, longest=2) is not None
    assert of_silence(active_days=2, days=2, empty_days=90, longest=0) is None


def test_the_alerts_of_a_version_that_answers_no_more_are_closed(days, make, backend, clock):
    days.several(2)
    days.several(2, older)
    assert alerts.read(days.storage, "churn", "open")
    now = Judged(model_id="churn", version="v2", baseline=None)
    begin = make.START + 5 * 24 * make.HOUR
    backend.record_batch("churn", "v2", make.batch(ROWS, 5, times=begin + np.arange(ROWS)))
    clock.time = begin + 24 * make.HOUR
    judging.judge_events(days.storage, now)

    silence.retire(days.storage, now)

    assert alerts.read(days.storage, "churn", "open") == ()


def test_a_note_stays_when_the_alert_changes(days):
    days.several(2)
    days.several(1, older)
    (alert,) = alerts.read(days.storage, "churn", "open")

    alerts.acknowledge(days.storage, "churn", alert.alert_id, "the new price list")
    days.several(10)

    found = {a.alert_id: a for a in alerts.read(days.storage, "churn")}[alert.alert_id]
    assert (found.state, found.acknowledged) == ("closed", "the new price list")
    with pytest.raises(UnknownName, match="no alert named '99'"):
        alerts.acknowledge(days.storage, "churn", 99, "")


def test_a_rule_of_the_users_opens_an_alert_and_closes_it_when_it_is_taken_back(days):
    rule = rules.add(days.storage, "churn", "count > 150")
    days.several(1)
    (alert,) = alerts.read(days.storage, "churn", "open")

    rules.remove(days.storage, "churn", rule.rule_id)
    days.several(2)

    assert alert.said == "count is 200, and your rule is count > 150"
    assert [a.state for a in alerts.read(days.storage, "churn")] == ["closed"]


def test_the_cost_of_a_look_does_not_grow_with_the_events(days, make, monkeypatch):
    """Rows are read for the slice of an alert that opens, and for nothing else."""
    days.several(3)
    read = []
    log = days.storage.log
    whole = log.read
    monkeypatch.setattr(log, "read", lambda *a, **k: read.append(a) or whole(*a, **k))

    days.several(1)
    assert read == []
    days.several(1, older)
    assert len(read) == len(alerts.read(days.storage, "churn", "open"))


def test_a_weekday_is_no_alert_although_every_day_has_another_one(make, storage, backend):
    """Training saw all seven; a day has one, and before a week is over nothing tells so."""
    names = np.array("Mon Tue Wed Thu Fri Sat Sun".split(), object)
    chance = np.random.default_rng(0)
    baseline = make.baseline(plan=names[chance.integers(0, 7, 2000)])
    judged = Judged(model_id="churn", version="v1", baseline=baseline)
    count, day = 28 * ROWS, 24 * make.HOUR
    times = make.START + np.arange(count) * (day // ROWS)
    plan = names[np.arange(count) // ROWS % 7]
    backend.record_batch("churn", "v1", make.batch(count, 1, times=times, plan=plan), baseline)
    storage.clock.time = make.START + 29 * day

    judging.judge_events(storage, judged)

    assert "plan" not in {alert.subject for alert in alerts.read(storage, "churn")}


def test_a_value_that_training_never_had_is_named_although_few_rows_have_it(days, make):
    days.several(3)
    plan = make.features(ROWS, days.number).columns["plan"].values.copy()
    plan[:8] = "gold"
    days.one(plan=plan)

    (alert,) = alerts.read(days.storage, "churn", "open")

    assert alert.kind == "unseen"
    assert alert.said == "plan: 'gold' unseen in training, 4.0 % of rows"
