"""A stage is the sum of its history, and a rollback goes where the history says."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlops_magics.errors.request import BadArgument
from mlops_magics.errors.state import NothingToRollBack, Overtaken
from mlops_magics.registry import ModelRegistry, ModelVersion, Registration
from mlops_magics.registry import rows as registry_rows
from mlops_magics.registry.stages import (
    check_not_overtaken,
    check_reason,
    put_in_stage,
    rollback_target,
)
from mlops_magics.registry.versions import StageChange
from mlops_magics.storage import Storage

steps = st.lists(
    st.tuples(st.sampled_from(["promote", "stage", "rollback", "archive"]), st.integers(1, 4)),
    max_size=14,
)


class Expected:
    """What the rules say, kept as plain lists."""

    def __init__(self):
        self.stage = dict.fromkeys(range(1, 5), "development")
        self.was_in_production, self.rolled_back = [], set()

    def promote(self, number):
        for other in self.stage:
            if self.stage[other] == "production":
                self.stage[other] = "staging"
        self.stage[number] = "production"
        self.was_in_production.append(number)
        self.rolled_back.discard(number)  # promoted again, it was judged again

    def target(self):
        current = next((n for n in self.stage if self.stage[n] == "production"), None)
        usable = [
            n
            for n in self.was_in_production
            if n != current and n not in self.rolled_back and self.stage[n] != "archived"
        ]
        return current, (usable[-1] if usable and current else None)


def promote(storage, registry, number, stage):
    """Promote without the gates, which another file tests."""
    with storage.transaction() as transaction:
        versions = registry.list_versions("m")
        put_in_stage(transaction, versions, versions[number - 1], stage, ())


@settings(max_examples=40)
@given(steps)
def test_any_course_of_events_ends_in_the_stages_that_the_rules_say(tmp_path_factory, course):
    storage = Storage(tmp_path_factory.mktemp("w") / ".mlops")
    registry, expected = ModelRegistry(storage), Expected()
    for _ in range(4):
        made = Registration(model_id="m", framework="x", artifact_uri="u")
        registry.register_model(made)

    for step, number in course:
        before = registry.history("m")
        if step == "promote":
            promote(storage, registry, number, "production")
            expected.promote(number)
        elif step == "stage":
            promote(storage, registry, number, "staging")
            expected.stage[number] = "staging"
        elif step == "archive":
            registry.archive_model("m", f"v{number}")
            expected.stage[number] = "archived"
        else:
            current, target = expected.target()
            if target is None:
                with pytest.raises(NothingToRollBack):
                    registry.rollback("m")
            else:
                assert registry.rollback("m").version.number == target
                expected.rolled_back.add(current)
                expected.promote(target)

        # the history is only ever added to
        assert registry.history("m")[: len(before)] == before
        found = {version.number: version.stage for version in registry.list_versions("m")}
        assert found == expected.stage
    assert {v.number: v.stage for v in registry.list_models()} == expected.stage
    storage.close()


def version(number, stage):
    return ModelVersion(
        model_id="churn",
        version=f"v{number}",
        alias=None,
        framework="flax",
        artifact_uri="u",
        artifact_sha256=None,
        metrics={},
        metadata={},
        registered_at=0,
        stage=stage,
        stage_since=0,
    )


def change(number, stage, why="promoted"):
    return StageChange(version=f"v{number}", stage=stage, why=why, written_at=0)


@pytest.mark.parametrize(
    ("versions", "changes", "reason"),
    [
        ([version(1, "staging")], [], "no version is in production"),
        (
            [version(1, "production"), version(2, "development")],
            [change(1, "production")],
            "no other version was in production before",
        ),
        (
            [version(1, "archived"), version(2, "production")],
            [change(1, "production"), change(2, "production")],
            "no other version was in production before",
        ),
        (
            [version(1, "production"), version(2, "staging")],
            [
                change(1, "production"),
                change(2, "production"),
                change(2, "staging", "rolled back to v1"),
                change(1, "production", "rollback from v2"),
            ],
            "no other version was in production before",
        ),
    ],
)
def test_where_nothing_can_be_rolled_back_to_the_reason_is_said(versions, changes, reason):
    with pytest.raises(NothingToRollBack) as refused:
        rollback_target(tuple(versions), tuple(changes))

    assert str(refused.value) == (
        f"'churn' cannot be rolled back: {reason}. Next: %model churn promote"
    )


def test_a_version_that_was_rolled_back_and_promoted_again_can_be_gone_back_to():
    versions = (version(1, "staging"), version(2, "staging"), version(3, "production"))
    changes = (
        change(1, "production"),
        change(2, "production"),
        change(2, "staging", "rolled back to v1"),
        change(1, "production", "rollback from v2"),
        change(1, "staging", "replaced by v2"),
        change(2, "production"),
        change(2, "staging", "replaced by v3"),
        change(3, "production"),
    )

    assert rollback_target(versions, changes)[1].version == "v2"


@pytest.mark.parametrize(
    ("force", "because", "message"),
    [
        (True, None, "because is None. Next: give the reason in words, which stays on the card"),
        (True, "  ", "because is '  '. Next: give the reason in words, which stays on the card"),
        (False, "why", "because is 'why'. Next: give --force with it, or leave it out"),
    ],
)
def test_force_and_its_reason_come_together_or_not_at_all(force, because, message):
    with pytest.raises(BadArgument) as refused:
        check_reason(force, because)

    assert str(refused.value) == message


def test_a_version_that_was_judged_against_another_production_is_told_who_was_quicker():
    moment = 10 * 3_600_000_000 + 2 * 60_000_000
    quick = StageChange(version="v4", stage="production", why="promoted", written_at=moment)
    versions = (version(2, "staging"), version(3, "development"), version(4, "production"))

    with pytest.raises(Overtaken) as refused:
        check_not_overtaken(versions[1], "v2", versions, (change(2, "production"), quick))

    assert str(refused.value) == (
        "churn@v3 was not promoted: someone else promoted v4 at 10:02 UTC. "
        "Next: %model churn promote v3 again, against v4"
    )
    check_not_overtaken(versions[1], "v4", versions, (quick,))


def test_the_history_says_what_replaced_what_and_what_the_gates_said(tmp_path, clock):
    storage = Storage(tmp_path / ".mlops", clock)
    registry = ModelRegistry(storage)
    for _ in range(2):
        registry.register_model(Registration(model_id="m", framework="x", artifact_uri="u"))
    for number in (1, 2):
        clock.advance(60)
        promote(storage, registry, number, "production")
    clock.advance(60)
    registry.rollback("m")

    assert [(c.version, c.stage, c.why) for c in registry.history("m")] == [
        ("v1", "development", "registered"),
        ("v2", "development", "registered"),
        ("v1", "production", "promoted"),
        ("v1", "staging", "replaced by v2"),
        ("v2", "production", "promoted"),
        ("v2", "staging", "rolled back to v1"),
        ("v1", "production", "rollback from v2"),
    ]
    assert registry.get_model("m", "v1").stage_since == clock.now()


def test_a_stage_that_fails_half_way_is_not_there_at_all(tmp_path):
    storage = Storage(tmp_path / ".mlops")
    registry = ModelRegistry(storage)
    registry.register_model(Registration(model_id="m", framework="x", artifact_uri="u"))

    def fail_after_the_change():
        with storage.transaction() as transaction:
            registry_rows.add_change(transaction, ("m", 1), "production", "promoted")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail_after_the_change()

    assert registry.get_model("m").stage == "development"
    assert len(registry.history("m")) == 1


def test_the_history_says_who_asked_for_each_change(workspace):
    storage = workspace.storage
    registry = ModelRegistry(storage)
    registry.register_model(Registration(model_id="m", framework="x", artifact_uri="u"))
    with storage.asked_by("http 127.0.0.1"):
        promote(storage, registry, 1, "staging")
        with storage.asked_by("retraining"):
            promote(storage, registry, 1, "production")
        registry.register_model(Registration(model_id="m", framework="x", artifact_uri="u"))
    promote(storage, registry, 2, "staging")
    registry.delete_model("m", "v2")

    asked = [(change.version, change.stage, change.by) for change in registry.history("m")]
    assert asked == [
        ("v1", "development", "python"),
        ("v1", "staging", "http 127.0.0.1"),
        ("v1", "production", "retraining"),
        ("v2", "development", "http 127.0.0.1"),
        ("v2", "staging", "python"),
        ("v2", "deleted", "python"),
    ]
