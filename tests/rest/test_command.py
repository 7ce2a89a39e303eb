"""`python -m mlops_magics serve`, as a terminal and a service manager start it."""

import stat
import subprocess
import sys

import pytest

from mlops_magics.rest.command import token_in


def run(*arguments, timeout=60):
    command = [sys.executable, "-m", "mlops_magics", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=timeout)


def test_a_token_never_goes_into_a_log(tmp_path):
    done = run("serve", "--workspace", str(tmp_path / ".mlops"), "--port", "0")

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (
        "cannot serve at 127.0.0.1:0: nobody could read its token. "
        "Next: --token-file FILE, which holds the token or is made\n"
    )


def test_a_token_file_that_is_not_there_is_made_for_its_owner_alone(tmp_path):
    made = token_in(tmp_path / "token")

    assert len(made) == 43
    assert stat.S_IMODE((tmp_path / "token").stat().st_mode) == 0o600
    assert token_in(tmp_path / "token") == made


@pytest.mark.parametrize(
    "content", ["", "short", "eighteen letters\n and more", "x" * 15, "ä" * 20]
)
def test_what_is_no_token_is_refused(tmp_path, content):
    (tmp_path / "token").write_text(content)
    done = run("serve", "--token-file", str(tmp_path / "token"))

    assert done.returncode == 1
    assert done.stderr.startswith(f"--token-file is '{str(tmp_path)[:20]}")
    assert done.stderr.endswith("Next: give one with a token of at least 16 ASCII letters\n")


def test_a_port_that_is_taken_is_one_line(server, tmp_path):
    done = run(
        *("serve", "--workspace", str(tmp_path / "other"), "--port", str(server.real.port)),
        *("--token-file", str(tmp_path / "token")),
    )

    assert done.returncode == 1
    assert done.stderr.startswith("cannot serve at 127.0.0.1:")


def test_help_says_what_can_be_said():
    assert "--token-file FILE" in run("serve", "--help").stdout
    assert "serve a workspace over HTTP" in run("--help").stdout
