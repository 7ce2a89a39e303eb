"""The transcript of the README is what a terminal shows."""

import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

README = Path(__file__).parents[2] / "README.md"


def transcript():
    """Return the commands under `## Over HTTP`, each with what it shows."""
    text = README.read_text().partition("## Over HTTP")[2]
    block = text.partition("```console\n")[2].partition("```")[0]
    parts = re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]
    return [tuple(part.rstrip("\n").partition("\n")[::2]) for part in parts]


def is_shown(expected, shown):
    """Tell whether a text is as it is written, where an ellipsis stands for anything."""
    pattern = "(?s:.*)".join(map(re.escape, expected.split("…")))
    return re.fullmatch(pattern, shown) is not None


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not there")
def test_the_transcript_of_the_readme_is_what_a_terminal_shows(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    (serve, served), (ask, _), *commands = [
        tuple(text.replace("8900", str(port)) for text in pair) for pair in transcript()
    ]
    words = serve.removesuffix(" &").split()
    assert words[0] == "python"
    server = subprocess.Popen(
        [sys.executable, *words[1:], "--port", str(port)],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert is_shown(served, server.stdout.readline().rstrip("\n"))
        for _ in range(200):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.05)
        for command, expected in commands:
            script = f"{ask}\n{command}"
            done = subprocess.run(
                ["bash", "-c", script], cwd=tmp_path, capture_output=True, text=True, timeout=120
            )
            assert is_shown(expected, done.stdout), (command, done.stdout, done.stderr)
        assert len(commands) == 6
    finally:
        server.send_signal(signal.SIGTERM)
        server.stdout.close()
        code = server.wait(60)
    assert code == 0
