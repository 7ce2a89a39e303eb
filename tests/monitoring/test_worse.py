"""An alert that a version is worse: on labels that have come, week by week, each once."""

import numpy as np
import pytest

from mlops_magics.monitoring import alerts, rules, worse
from mlops_magics.monitoring.story import Judged, kept_windows

DAY = 24 * 3_600_000_000


@pytest.fixture
def weeks(make, storage, backend, clock):
    """Record a week of 350 predictions with labels that are right with a probability."""
    # what answers of a calibrated model of such probabilities cost
    judged = Judged(model_id="churn", version="v1", baseline=None, approved=(0.595, 0.005))
    monday = make.START + 4 * DAY

    class Weeks:
        number = 0

        def one(self, wrong=0.0, rows=350):
            begin = monday + self.number * 7 * DAY
            times = begin + np.arange(rows) * (7 * DAY // rows)
            batch = make.batch(rows, self.number, times=times)
            ids = backend.record_batch("churn", "v1", batch)
            chance = np.random.default_rng(500 + self.number)
            truth = chance.random(rows) < batch.probabilities[:, 1]
            truth ^= chance.random(rows) < wrong
            table = {"request_id": ids, "y": np.where(truth, "yes", "no").tolist()}
            self.number += 1
            clock.time = begin + 7 * DAY + 1
            backend.record_labels("churn", table, "y")
            return worse.judge_labels(storage, judged)

    Weeks.judged, Weeks.storage = judged, storage
    return Weeks()


def test_a_model_that_keeps_its_promise_opens_nothing(weeks):
    assert [weeks.one() for _ in range(8)] == [()] * 8
    assert len(kept_windows(weeks.storage, weeks.judged, "labels")) == 7


def test_a_relation_that_turns_opens_an_alert_that_says_how_much_and_closes_when_it_is_over(weeks):
    for _ in range(3):
        weeks.one()
    for _ in range(2):
        weeks.one(wrong=0.3)
    (alert,) = alerts.read(weeks.storage, "churn", "open")

    for _ in range(4):
        weeks.one()

    assert (alert.kind, alert.subject) == ("performance", "loss")
    assert alert.said.startswith("loss 0.")
    assert alert.said.endswith("on 350 labels, 0.595 when approved")
    assert "standard errors more; chance stays below 3.1" in alert.by_chance
    assert alert.next == "%monitor churn performance"
    assert [a.state for a in alerts.read(weeks.storage, "churn")] == ["closed"]


def test_a_week_is_judged_once_and_labels_that_come_later_do_not_judge_it_again(weeks):
    for _ in range(3):
        weeks.one()
    before = kept_windows(weeks.storage, weeks.judged, "labels")

    assert worse.judge_labels(weeks.storage, weeks.judged) == ()
    assert kept_windows(weeks.storage, weeks.judged, "labels") == before


def test_weeks_with_few_labels_are_judged_together(weeks):
    for _ in range(6):
        weeks.one(rows=20)

    (window, *_) = kept_windows(weeks.storage, weeks.judged, "labels")
    assert (window.window.rows, window.window.end - window.window.begin) == (60, 21)


def test_a_rule_about_labels_holds_for_weeks(weeks):
    rules.add(weeks.storage, "churn", "accuracy < 0.99")
    rules.add(weeks.storage, "churn", "loss > 5")

    for _ in range(2):
        weeks.one()

    (alert,) = alerts.read(weeks.storage, "churn", "open")
    assert alert.subject == "accuracy < 0.99"
    assert alert.said.startswith("accuracy is 0.")
