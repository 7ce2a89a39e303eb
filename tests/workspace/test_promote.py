"""Into production through the gates, in Python and in a notebook."""

import threading

import numpy as np
import pandas as pd
import pytest

from mlops_magics import TrainingSpec
from mlops_magics.errors.request import BadArgument
from mlops_magics.errors.state import Deleted, InProduction, NotPromotable, Overtaken
from mlops_magics.features import ViewDefinition
from mlops_magics.registry import Registration
from mlops_magics.workspace import Workspace
from mlops_magics.workspace.promote import gather

XOR = {"a": [0, 0, 1, 1] * 2, "b": [0, 1, 0, 1] * 2, "y": [0, 1, 1, 0] * 2}


def customers(count=800, seed=0):
    chance = np.random.default_rng(seed)
    frame = pd.DataFrame(
        {
            "tenure": chance.integers(0, 72, count),
            "charges": chance.normal(60, 20, count).round(2),
            "contract": chance.choice(["monthly", "yearly"], count),
        }
    )
    odds = (frame["tenure"] - 30) / 6 + (frame["contract"] == "yearly") * 2
    frame["churned"] = np.where(chance.random(count) < 1 / (1 + np.exp(odds)), "yes", "no")
    return frame


def train(workspace, frame=None, **more):
    data = customers() if frame is None else frame
    spec = {"model_id": "churn", "data": data, "target": "churned"} | more
    return workspace.train(TrainingSpec(**spec))


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A workspace whose model churn has v1 and v2, of the same rows and another seed."""
    workspace = Workspace(tmp_path_factory.mktemp("made") / ".mlops")
    train(workspace)
    train(workspace, seed=1)
    return workspace


@pytest.fixture
def two(made, tmp_path):
    """The same workspace, to be changed."""
    import shutil

    made.storage.close()
    shutil.copytree(made.folder, tmp_path / ".mlops")
    workspace = Workspace(tmp_path / ".mlops")
    yield workspace
    workspace.close()


def failed(refused):
    return [v.gate for v in refused.value.refusal.verdicts if not v.passed]


def stages(workspace):
    return {v.version: v.stage for v in workspace.registry.list_versions("churn")}


def test_a_good_model_passes_every_gate_and_its_twin_after_it(two):
    first, second = two.promote("churn", "v1"), two.promote("churn", "v2")

    assert all(verdict.passed for verdict in (*first.verdicts, *second.verdicts))
    assert second.replaced == "v1"
    said = {verdict.gate: verdict.said for verdict in second.verdicts}
    assert "on 160 rows" in said["not worse than production"]
    assert stages(two) == {"v1": "staging", "v2": "production"}


def test_eight_rows_allow_no_verdict_and_force_goes_on_record_for_ever(workspace):
    train(workspace, XOR, model_id="xor", target="y")

    with pytest.raises(NotPromotable) as refused:
        workspace.promote("xor")
    assert failed(refused) == ["better than the baseline", "calibrated"]
    assert workspace.registry.get_model("xor").stage == "development"
    assert str(refused.value).endswith('%model xor promote v1 --force --because "…"')

    forced = workspace.promote("xor", force=True, because="a toy for the tests")

    assert forced.because == "a toy for the tests"
    last = workspace.registry.history("xor")[-1]
    assert (last.why, last.because) == ("promoted past its gates", "a toy for the tests")
    assert [v.gate for v in last.verdicts if v.passed is None] == failed(refused)


def test_a_model_of_noise_is_not_better_than_a_constant(workspace):
    frame = customers()
    frame["churned"] = np.random.default_rng(3).permutation(frame["churned"])
    train(workspace, frame)

    with pytest.raises(NotPromotable) as refused:
        workspace.promote("churn")

    assert "better than the baseline" in failed(refused)


def test_a_worse_version_does_not_replace_a_good_one(workspace):
    frame = customers()
    train(workspace, frame)
    workspace.promote("churn")
    train(workspace, frame, columns=("charges", "contract"))

    with pytest.raises(NotPromotable) as refused:
        workspace.promote("churn", "v2")

    assert "not worse than production" in failed(refused)
    assert stages(workspace) == {"v1": "production", "v2": "development"}


def test_a_column_that_restates_the_target_holds_a_version_back(workspace):
    frame = customers()
    train(workspace, frame.assign(left=frame["churned"] == "yes"))

    with pytest.raises(NotPromotable) as refused:
        workspace.promote("churn")

    assert failed(refused) == ["no leakage warning"]
    assert "told nearly alone by left" in str(refused.value)


def test_features_that_are_gone_hold_a_version_back(workspace):
    frame = customers().assign(customer_id=range(800))
    view = ViewDefinition(view="customers", key=("customer_id",))
    workspace.features.write(view, frame.drop(columns="churned"))
    train(workspace, frame[["customer_id", "churned"]], features=("customers",))
    version = workspace.registry.get_model("churn")

    assert gather(workspace, version).found == ("customers",)
    with workspace.storage.transaction() as transaction:
        sources = {"tenure": ["lost", "tenure"]}
        changed = dict(version.metadata) | {"sources": sources}
        moved = Registration(
            model_id="churn",
            artifact=workspace.storage.artifacts.read(version.artifact_sha256),
            metadata=changed,
        )
        workspace.registry.register_model(moved)
        assert transaction.now

    with pytest.raises(NotPromotable, match="features exist: not there: lost:tenure"):
        workspace.promote("churn", "v2")


def test_without_a_name_the_newest_that_was_not_interrupted_is_taken(two):
    version = two.registry.get_model("churn", "v2")
    stopped = Registration(
        model_id="churn",
        artifact=two.storage.artifacts.read(version.artifact_sha256),
        metadata={**version.metadata, "interrupted": True},
    )
    two.registry.register_model(stopped)

    assert two.promote("churn").version.version == "v2"
    with pytest.raises(NotPromotable) as refused:
        two.promote("churn", "v3")
    assert "not interrupted" in failed(refused)


def test_what_training_said_cannot_be_changed_so_that_a_gate_opens(two):
    with pytest.raises(BadArgument) as refused:
        two.registry.update_metadata("churn", "v1", {"interrupted": True})
    two.registry.update_metadata("churn", "v1", {"note": "for the spring campaign"})

    assert str(refused.value) == (
        "metadata is 'interrupted'. Next: give another name: training has written this one"
    )
    assert two.registry.get_model("churn", "v1").metadata["note"] == "for the spring campaign"


def test_a_model_made_elsewhere_goes_into_production_only_with_a_reason(workspace):
    made = Registration(model_id="theirs", framework="sklearn", artifact_uri="s3://bucket/model")
    workspace.registry.register_model(made)

    with pytest.raises(NotPromotable):
        workspace.promote("theirs")
    forced = workspace.promote("theirs", force=True, because="judged by its own team")

    assert forced.version.stage == "production"
    assert [v.gate for v in forced.verdicts if v.passed] == ["not worse than production"]


@pytest.mark.parametrize("how", ["one bit changed", "missing"])
def test_a_damaged_file_passes_for_no_reason(two, how):
    version = two.registry.get_model("churn", "v1")
    path = two.storage.artifacts.path(version.artifact_sha256)
    path.chmod(0o644)
    data = bytearray(path.read_bytes())
    data[len(data) // 3] ^= 4
    path.unlink() if how == "missing" else path.write_bytes(data)

    with pytest.raises(NotPromotable) as refused:
        two.promote("churn", "v1", force=True, because="I insist")

    assert str(refused.value).startswith("churn@v1 was not promoted: intact: the workspace's file")
    assert stages(two) == {"v1": "development", "v2": "development"}


def test_of_two_promotions_at_once_one_wins_and_the_other_is_told(two):
    train(two, seed=2)
    two.promote("churn", "v1")
    ready, outcomes = threading.Barrier(2), {}

    def promote(version):
        own = Workspace(two.folder)
        evidence = gather(own, own.registry.get_model("churn", version))
        ready.wait()
        try:
            outcomes[version] = own.registry.promote_model("churn", version, evidence=evidence)
        except Overtaken as overtaken:
            outcomes[version] = str(overtaken)
        own.close()

    threads = [threading.Thread(target=promote, args=(version,)) for version in ("v2", "v3")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    lost = next(version for version, outcome in outcomes.items() if isinstance(outcome, str))
    won = "v2" if lost == "v3" else "v3"
    assert outcomes[won].version.stage == "production"
    assert outcomes[lost].startswith(
        f"churn@{lost} was not promoted: someone else promoted {won} at "
    )
    assert outcomes[lost].endswith(f"%model churn promote {lost} again, against {won}")
    assert sorted(stages(two).values()) == ["development", "production", "staging"]


def test_rollback_does_not_go_back_to_a_file_that_is_gone(two):
    two.promote("churn", "v1")
    two.promote("churn", "v2")
    version = two.registry.get_model("churn", "v1")
    two.storage.artifacts.path(version.artifact_sha256).unlink()

    with pytest.raises(NotPromotable, match="intact: the workspace's file"):
        two.rollback("churn")

    assert stages(two) == {"v1": "staging", "v2": "production"}


def test_a_deleted_version_gives_its_room_back_and_its_number_is_never_used_again(two):
    two.promote("churn", "v1")
    scored = two.predict("churn@v2", customers(5)).to_pandas()
    version = two.registry.get_model("churn", "v2")
    path = two.storage.artifacts.path(version.artifact_sha256)
    size = path.stat().st_size

    deleted = two.registry.delete_model("churn", "v2")

    assert not path.exists()
    assert deleted.byte_count >= size
    assert [v.version for v in two.registry.list_versions("churn")] == ["v1"]
    assert two.registry.history("churn")[-1].why == "deleted for good"
    with pytest.raises(Deleted, match=r"churn@v2 was deleted on .* UTC\. Next: %model churn"):
        two.registry.get_model("churn", "v2")
    assert train(two).version == "v3"
    assert len(two.monitoring.query_events("churn")) == len(scored)


def test_what_is_in_production_is_not_deleted_and_a_file_that_two_share_stays(two):
    two.promote("churn", "v1")
    with pytest.raises(InProduction) as refused:
        two.registry.delete_model("churn", "v1")
    assert str(refused.value) == (
        "churn@v1 is in production and cannot be deleted. "
        "Next: %model churn rollback, or promote another version"
    )
    twin = two.registry.get_model("churn", "v2")
    data = two.storage.artifacts.read(twin.artifact_sha256)
    two.registry.register_model(Registration(model_id="copy", artifact=data))

    two.registry.delete_model("churn", "v2")

    assert two.registry.load(two.registry.get_model("copy")).signature.target == "churned"


def test_a_notebook_shows_every_verdict_of_a_refusal_and_the_cell_fails(shell):
    shell.user_ns["xor"] = XOR
    shell.run_cell("%train toy --data xor --target y")
    shell.forget()

    outcome = shell.run_cell("%model toy promote v1")

    assert not outcome.success
    shown = [bundle["text/plain"] for bundle in shell.displayed]
    assert len(shown) == 1
    assert shown[0].startswith("■ toy v1 was not promoted\ngate")
    assert "better than the baseline   ▲ no verdict" in shown[0]

    assert shell.run_cell('%model toy promote v1 --force --because "a toy"').success
    assert "past its gates, because a toy" in shell.displayed[-1]["text/plain"]


def test_pairs_of_versions_that_held_out_rows_have_judged_are_counted_and_shown(two):
    two.registry.import_(two.registry.export("churn", "v1", two.folder / "v1.mlm"))
    asked = [two.compare("churn", *pair).looks for pair in [("v1", "v2"), ("v2", "v1")]]
    # a version from elsewhere is judged on no held-out row: it is no look
    elsewhere = two.compare("churn", "v1", "v3").looks
    train(two, seed=2)
    two.promote("churn", "v1", force=True, because="a beginning")

    third = gather(two, two.registry.get_model("churn", "v4"))
    again = two.compare("churn", "v4", "v2").looks

    assert (asked, elsewhere) == ([1, 1], 0)
    assert third.production.looks == 2
    assert again == 3
