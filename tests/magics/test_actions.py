"""Every form that works has something behind it."""

from pathlib import Path

import pytest

from mlops_magics.magics.extension import MAGICS
from mlops_magics.magics.verbs import VERBS
from mlops_magics.tables import read_table


@pytest.mark.parametrize("verb", [verb for verb in VERBS if not verb.startswith("%%")])
def test_every_form_of_a_verb_has_a_method_of_its_magic(verb):
    magic = next(m for m in MAGICS if verb in m.magics["line"])

    lacking = [
        form.action
        for form in VERBS[verb].forms
        if not form.later and not hasattr(magic, f"_{form.action}")
    ]

    assert lacking == []


def test_a_folder_that_is_no_workspace_is_refused_and_the_open_one_stays(shell, tmp_path):
    (tmp_path / "theirs").mkdir()
    (tmp_path / "theirs" / "thesis.txt").write_text("mine")
    shell.run_cell("before = %workspace ;")

    outcome = shell.run_cell(f'%workspace "{tmp_path / "theirs"}"')
    shell.run_cell("after = %workspace ;")

    assert type(outcome.error_in_exec).__name__ == "NotAWorkspace"
    assert shell.user_ns["before"].folder == shell.user_ns["after"].folder


def test_a_temporary_workspace_is_fresh_and_goes_when_the_session_does(shell):
    shell.user_ns["rows"] = {"x": [1, 2]}
    assert shell.run_cell("%workspace upload numbers rows").success
    before = shell.run_cell("%workspace").result

    assert shell.run_cell("%workspace --temporary").success
    assert shell.run_cell("%workspace upload numbers rows").success
    inside = shell.run_cell("%workspace").result

    assert inside.folder != before.folder
    assert (inside.dataset_count, Path(inside.folder).is_dir()) == (1, True)
    assert shell.run_cell(f'%workspace "{before.folder}"').result.dataset_count == 1
    assert not Path(inside.folder).exists()


def test_who_else_has_the_workspace_open_is_said(shell, kernel):
    shell.user_ns["rows"] = {"x": [1, 2]}
    shell.run_cell("%workspace upload numbers rows")
    kernel.run("%load_ext mlops_magics")
    shell.forget()

    overview = shell.run_cell("%workspace").result

    assert overview.open_in == (kernel.process_id,)
    text = shell.displayed[0]["text/plain"]
    assert text.endswith(f"also open in process {kernel.process_id}")


def test_predictions_go_into_a_new_file_and_never_over_one_that_is_there(shell, table, tmp_path):
    shell.user_ns["telco"] = table
    table.to_csv(tmp_path / "big table.csv", index=False)
    shell.run_cell("%train churn --data telco --target churned --exclude decided_at ;")

    line = '%predict churn "big table.csv" --to "scored.parquet"'
    written = shell.run_cell(line).result
    again = shell.run_cell(line)

    assert written.message.startswith(
        "200 predictions by churn@v1 (development) are in scored.parquet"
    )
    scored = read_table(tmp_path / "scored.parquet")
    assert scored.names == ("prediction", "confidence", "p(no)", "p(yes)", "request_id")
    assert len(scored) == 200
    assert str(again.error_in_exec) == (
        "the file 'scored.parquet' exists already. Next: choose another path"
    )
    assert shell.run_cell("%monitor churn metrics").result.count == 200


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("scored", "path is 'scored'. Next: give a file that ends in .parquet or .csv"),
        ("no/scored.csv", "path is 'no/scored.csv'. Next: give a file in a folder that is there"),
    ],
)
def test_a_file_that_cannot_be_written_is_refused_before_anything_is_recorded(
    shell, table, path, message
):
    shell.user_ns["telco"] = table
    shell.run_cell("%train churn --data telco --target churned --exclude decided_at ;")

    outcome = shell.run_cell(f'%predict churn telco --to "{path}"')

    assert str(outcome.error_in_exec) == message
    assert shell.run_cell("%monitor churn metrics").result.count == 0


def test_another_workspace_is_switched_to_and_made_at_the_first_write(shell, tmp_path):
    other = tmp_path / "other" / ".mlops"

    assert shell.run_cell(f'%workspace "{other}"').success
    assert not other.exists()
    shell.user_ns["rows"] = {"x": [1, 2]}
    assert shell.run_cell("%workspace upload numbers rows").success
    assert (other / "catalog.db").is_file()


def test_a_training_by_group_within_seconds_says_how_it_was_split(shell):
    who = [f"p{n // 5}" for n in range(200)]
    shell.user_ns["visits"] = {
        "patient": who,
        "x": [float(n % 7) for n in range(200)],
        "y": [float(n % 11) for n in range(200)],
    }

    line = "job = %train care --data visits --target y --group patient --seconds 5 --epochs 2 ;"
    outcome = shell.run_cell(line)

    assert outcome.success
    report = shell.user_ns["job"].report
    assert report.split == "8 of 40 patient, 40 of 200 rows; none is on both sides"
    assert report.left_out == {"patient": "names the entity; the split is by it"}
    assert report.steps == 20
    assert not any("different rows" in note for note in report.notes)


def test_a_split_by_time_without_a_time_is_one_line(shell):
    shell.user_ns["t"] = {"x": list(range(50)), "y": [0, 1] * 25}

    outcome = shell.run_cell("%train m --data t --target y --split time")

    said = "split is 'time'. Next: give the column that says when with --time"
    assert str(outcome.error_in_exec) == said
