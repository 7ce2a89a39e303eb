"""What every test may ask for: real parts, each fresh, none touching the user's own files.

`clock`, `workspace`, `shell`, `table`, `kernel`, `lab`, `browser` and `page`. Everything
heavy is imported inside the fixture that needs it.
"""

import contextlib
import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

CHROMIUM = Path("/usr/bin/chromium")
START_OF_CLOCK = 1_767_603_600_000_000  # 2026-01-05 09:00 UTC, a Monday, in microseconds
# How a test makes JAX strict; a user's kernel does not have it.
STRICT_JAX = {"JAX_NUMPY_RANK_PROMOTION": "raise"}


def pytest_configure(config: pytest.Config) -> None:
    """Turn every path and cache of this process and its children to a folder of its own."""
    from hypothesis import settings

    settings.register_profile("default", deadline=None, derandomize=bool(os.environ.get("CI")))
    settings.load_profile("default")
    if "PYTEST_XDIST_WORKER" in os.environ:  # a worker has its controller's environment
        return
    home = Path(tempfile.mkdtemp(prefix="mlops_magics_tests_"))
    config.add_cleanup(lambda: shutil.rmtree(home, ignore_errors=True))
    folders = {
        "JUPYTER_CONFIG_DIR": "config",
        "JUPYTER_DATA_DIR": "data",
        "JUPYTER_RUNTIME_DIR": "runtime",
        "JUPYTERLAB_SETTINGS_DIR": "settings",
        "JUPYTERLAB_WORKSPACES_DIR": "workspaces",
        "IPYTHONDIR": "ipython",
        "MLOPS_COMPILE_CACHE": "compiled",
    }
    for variable, name in folders.items():
        (home / name).mkdir(mode=0o700)
        os.environ[variable] = str(home / name)
    os.environ.pop("MLOPS_WORKSPACE", None)
    # Strict dtype promotion cannot be set for the whole process: optax's own bias
    # correction, 1 - decay**count, mixes a float and an int32 (optax 0.2.8, jax 0.10.2).
    os.environ.update(STRICT_JAX)
    os.environ |= {"JAX_PLATFORMS": "cpu", "JAX_LOGGING_LEVEL": "ERROR"}
    # Without it jupyter_core warns that its folders will move, and warnings are errors.
    os.environ["JUPYTER_PLATFORM_DIRS"] = "1"


def environment_of_a_user(**more: str) -> dict[str, str]:
    """Return this process's environment without what only a test process has."""
    return {k: v for k, v in os.environ.items() if k not in STRICT_JAX} | more


@pytest.fixture
def clock() -> Any:
    """A clock that stands still until it is told to advance."""
    from mlops_magics.storage.clock import Clock

    class SettableClock(Clock):
        def __init__(self) -> None:
            super().__init__()
            self.time = START_OF_CLOCK

        def now(self) -> int:
            return self.time

        def advance(self, seconds: float) -> int:
            self.time += round(seconds * 1e6)
            return self.time

    return SettableClock()


@pytest.fixture
def workspace(tmp_path: Path, clock: Any) -> Iterator[Any]:
    """A workspace in an empty folder, on the test's clock."""
    from mlops_magics.workspace import Workspace

    workspace = Workspace(tmp_path / ".mlops", clock=clock)
    yield workspace
    workspace.close()


@pytest.fixture
def table() -> Any:
    """Two hundred customers: every kind of column, some values missing, and `churned`."""
    import numpy as np
    import pandas as pd

    chance = np.random.default_rng(20260105)
    rows = 200
    tenure = chance.integers(0, 72, rows)
    contract = chance.choice(["Month-to-month", "One year", "Two year"], rows, p=[0.5, 0.3, 0.2])
    charges = np.round(chance.normal(65, 25, rows).clip(18, 120), 2)
    score = 1.2 - 0.06 * tenure + 0.02 * (charges - 65) + (contract == "Month-to-month")
    churned = chance.random(rows) < 1 / (1 + np.exp(-score))
    table = pd.DataFrame(
        {
            "customer_id": [f"C{number:05d}" for number in chance.permutation(rows)],
            "tenure": tenure,
            "monthly_charges": charges,
            "paperless": chance.random(rows) < 0.6,
            "contract": contract,
            "decided_at": pd.date_range("2025-01-01", periods=rows, freq="12h", tz="UTC"),
            "churned": np.where(churned, "yes", "no"),
        }
    )
    table.loc[chance.choice(rows, 15, replace=False), "monthly_charges"] = np.nan
    table.loc[chance.choice(rows, 10, replace=False), "contract"] = None
    return table


@pytest.fixture
def shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """An IPython shell of its own with the extension loaded; `displayed` is what it showed.

    `displayed` has one dict of mime types an output, as a notebook would store them: a
    result as well as a display, and an updated display in the place of the first.
    `greeting` has those of `%load_ext`.
    """
    import builtins

    from IPython.core.displayhook import DisplayHook
    from IPython.core.displaypub import DisplayPublisher
    from IPython.core.interactiveshell import InteractiveShell
    from traitlets.config import Config

    class Publisher(DisplayPublisher):
        def publish(self, data, metadata=None, *, transient=None, update=False, **_):
            place = (transient or {}).get("display_id")
            if update and place in self.shell.places:
                self.shell.displayed[self.shell.places[place]] = data
                return
            if place is not None:
                self.shell.places[place] = len(self.shell.displayed)
            self.shell.displayed.append(data)

        def clear_output(self, wait=False):
            self.shell.forget()

    class Hook(DisplayHook):
        def write_output_prompt(self):
            pass

        def write_format_data(self, format_dict, md_dict=None):
            if format_dict:
                self.shell.displayed.append(format_dict)

    class Shell(InteractiveShell):
        def forget(self):
            self.displayed, self.places = [], {}

        def run_cell(self, raw_cell, store_history=True, **more):
            # as a notebook runs it: only then does a closing ";" silence the result
            return super().run_cell(raw_cell, store_history=store_history, **more)

    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MLOPS_WORKSPACE", str(tmp_path / ".mlops"))
    monkeypatch.setitem(sys.modules, "__main__", sys.modules["__main__"])
    # IPython leaves `_` alone where a plain interpreter, or a doctest, has set it
    monkeypatch.delattr(builtins, "_", raising=False)
    kept = {n: getattr(builtins, n, None) for n in ("__IPYTHON__", "display", "get_ipython")}
    InteractiveShell.clear_instance()
    shell = Shell.instance(
        config=Config(HistoryManager={"enabled": False}),
        user_ns={},
        display_pub_class=Publisher,
        displayhook_class=Hook,
    )
    shell.forget()
    try:
        shell.run_line_magic("load_ext", "mlops_magics")
        shell.greeting = shell.displayed
        shell.forget()
        yield shell
    finally:
        if "mlops_magics" in shell.extension_manager.loaded:
            shell.run_line_magic("unload_ext", "mlops_magics")
        shell.restore_sys_module_state()
        Shell.clear_instance()
        for name, value in kept.items():
            if value is None:
                vars(builtins).pop(name, None)
            else:
                setattr(builtins, name, value)


class Kernel:
    """A real ipykernel in a process of its own, in a folder with its own workspace."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._start()

    def _start(self) -> None:
        from jupyter_client.manager import KernelManager

        env = environment_of_a_user(MLOPS_WORKSPACE=str(self.folder / ".mlops"))
        self._manager = KernelManager(kernel_name="python3")
        # this very Python, whatever kernels the machine knows
        self._manager.kernel_spec.argv[0] = sys.executable
        self._manager.start_kernel(cwd=str(self.folder), env=env)
        self._client = self._manager.client()
        self._client.start_channels()
        self._client.wait_for_ready(timeout=60)

    @property
    def process_id(self) -> int:
        return self._manager.provisioner.pid

    def run(self, code: str, timeout: float = 120) -> list[Any]:
        """Return the outputs of a cell as a notebook stores them, errors included."""
        from nbformat.v4 import output_from_msg

        outputs: list[Any] = []
        places: dict[str, int] = {}

        def keep(message: dict[str, Any]) -> None:
            kind, content = message["msg_type"], message["content"]
            place = content.get("transient", {}).get("display_id")
            if kind == "clear_output":
                outputs.clear()
            elif kind == "update_display_data" and place in places:
                outputs[places[place]].data = content["data"]
            elif kind in {"stream", "display_data", "execute_result", "error"}:
                if place is not None:
                    places[place] = len(outputs)
                outputs.append(output_from_msg(message))

        self._client.execute_interactive(code, timeout=timeout, output_hook=keep)
        return outputs

    def start(self, code: str) -> Callable[[], dict[str, Any]]:
        """Begin a cell and return a function that waits for its end and gives the reply."""
        asked = self._client.execute(code)

        def wait() -> dict[str, Any]:
            while True:
                reply = self._client.get_shell_msg(timeout=300)
                if reply["parent_header"]["msg_id"] == asked:
                    return reply["content"]

        return wait

    def complete(self, code: str, at: int | None = None) -> tuple[list[str], str]:
        """Return what Tab offers at a place of a cell (its end), and the text it replaces."""
        place = len(code) if at is None else at
        reply = self._client.complete(code, place, reply=True, timeout=60)["content"]
        return reply["matches"], code[reply["cursor_start"] : reply["cursor_end"]]

    def restart(self) -> None:
        """Start a new process, as the notebook's restart button does, also after a kill."""
        self.close()
        self._start()

    def kill(self) -> None:
        """End the process as `kill -9` does: nothing is closed, nothing is flushed."""
        os.kill(self.process_id, signal.SIGKILL)
        self._manager.provisioner.process.wait(timeout=30)

    def close(self) -> None:
        self._client.stop_channels()
        if self._manager.has_kernel:
            self._manager.shutdown_kernel(now=True)
        self._manager.cleanup_resources()
        self._manager.context.destroy(linger=0)


@pytest.fixture
def kernel(tmp_path: Path) -> Iterator[Kernel]:
    """A kernel with `run(code)`, `complete(code)`, `restart()`, `kill()`, in a folder of its own.

    A second one in the same folder is `type(kernel)(kernel.folder)`; whoever starts it closes it.
    """
    kernel = Kernel(tmp_path)
    yield kernel
    kernel.close()


class Lab:
    """A JupyterLab server; a test copies its notebooks into a folder below `root`.

    No workspace is named: each folder gets the `.mlops` of its own notebooks.
    """

    def __init__(self, home: Path) -> None:
        self.root = home / "root"
        self.root.mkdir()
        self._log = home / "lab.log"
        self._token = secrets.token_hex(16)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self._port = free.getsockname()[1]
        settings = home / "settings" / "@jupyterlab" / "apputils-extension"
        settings.mkdir(parents=True)
        # the question whether to fetch news would cover a corner of each picture
        news = settings / "notification.jupyterlab-settings"
        news.write_text(json.dumps({"fetchNews": "false"}))
        command = [
            *(sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root"),
            *("--ip=127.0.0.1", f"--port={self._port}", f"--ServerApp.root_dir={self.root}"),
            f"--IdentityProvider.token={self._token}",
            "--LabApp.expose_app_in_browser=True",
            "--LabApp.extension_manager=readonly",
        ]
        env = environment_of_a_user(JUPYTERLAB_SETTINGS_DIR=str(home / "settings"))
        with self._log.open("w") as log:
            self._process = subprocess.Popen(
                command, env=env, cwd=home, stdout=log, stderr=log, start_new_session=True
            )
        self._wait_until_it_answers()

    def _wait_until_it_answers(self) -> None:
        address = f"http://127.0.0.1:{self._port}/api/status?token={self._token}"
        for _ in range(240):
            if self._process.poll() is not None:
                break
            with contextlib.suppress(OSError), urllib.request.urlopen(address, timeout=2):
                return
            time.sleep(0.25)
        self.close()
        pytest.fail(f"JupyterLab does not answer:\n{self._log.read_text()[-2000:]}")

    def address(self, notebook: str) -> str:
        """Return the address that opens a notebook below `root`, its layout reset."""
        path = f"lab/tree/{notebook}?reset&token={self._token}"
        return f"http://127.0.0.1:{self._port}/{path}"

    def close(self) -> None:
        if self._process.poll() is None:
            # the group: the server's kernels end with it
            os.killpg(self._process.pid, signal.SIGTERM)
            try:
                self._process.wait(20)
            except subprocess.TimeoutExpired:
                os.killpg(self._process.pid, signal.SIGKILL)
                self._process.wait(20)


@pytest.fixture(scope="session")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """One JupyterLab server for all tests: `root`, `address(notebook)`."""
    lab = Lab(tmp_path_factory.mktemp("lab"))
    yield lab
    lab.close()


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Headless Chromium through playwright: `new_page()`.

    It lives for one file of tests: while it does, an event loop runs in this thread,
    and whatever else wants one (a kernel's client, an async cell) would not get it.
    """
    if not CHROMIUM.exists():
        pytest.skip(f"{CHROMIUM} is not there: apt-get install chromium")
    from playwright.sync_api import sync_playwright

    quiet = [
        *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
        *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
    ]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=quiet)
        yield browser
        browser.close()


@pytest.fixture
def page(browser: Any) -> Iterator[Any]:
    """A page that remembers what its console complained of and whom it asked outside."""
    page = browser.new_page(viewport={"width": 1400, "height": 1000})
    page.console_errors, page.outside_requests = [], []

    def complain(message: Any) -> None:
        if message.type == "error":
            page.console_errors.append(message.text)

    def ask(request: Any) -> None:
        if request.url.startswith("http") and "//127.0.0.1:" not in request.url:
            page.outside_requests.append(request.url)

    page.on("console", complain)
    page.on("request", ask)
    yield page
    page.close()
