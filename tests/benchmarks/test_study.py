"""The study can be run again: its command, on tables that every test run has."""

import subprocess
import sys
from pathlib import Path

import pytest

STUDY = Path(__file__).with_name("study")


def study(*arguments):
    command = [sys.executable, str(STUDY), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


@pytest.mark.slow
def test_the_study_fits_what_is_not_there_yet_and_prints_its_tables(tmp_path):
    out = tmp_path / "study.jsonl"
    asked = ("--models", "mlops_magics", "linear", "--tables", "breast_cancer", "diabetes")

    first = study("run", "--out", out, "--splits", 1, *asked)
    again = study("run", "--out", out, "--splits", 1, *asked)

    assert len(first.splitlines()) == 4
    assert again == ""
    assert out.read_text().count("mlops_magics") == 2
