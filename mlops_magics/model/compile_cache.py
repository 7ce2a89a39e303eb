"""Where are compiled programs kept between kernels?

In the user's own cache folder, never in a workspace: whoever can write there can
run code (JAX's own warning). This is the only place that sets JAX's configuration.
"""

import hashlib
import os
import platform
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import jax
from jax.experimental.compilation_cache import compilation_cache
from jaxlib.version import __version__ as jaxlib_version

VARIABLE = "MLOPS_COMPILE_CACHE"
PRIVATE = 0o700


def enable() -> Path | None:
    """Keep compiled programs from now on; called right before the first compilation.

    Returns
    -------
    Path or None
        The folder in use: the user's own if JAX has one already; None if it is
        turned off or the folder cannot be made private.

    Examples
    --------
    >>> enable() == enable()
    True
    """
    config: Any = jax.config  # its options are made at run time
    chosen = config.jax_compilation_cache_dir
    if chosen is not None:
        return Path(chosen)
    kept = folder(os.environ, Path.home())
    if kept is None or not _make_private(kept):
        return None
    # JAX decides at the first compilation of the process, which may have been the user's
    compilation_cache.reset_cache()
    config.update("jax_compilation_cache_dir", str(kept))
    # a fit's programs are small, and compile in about a second
    config.update("jax_persistent_cache_min_entry_size_bytes", -1)
    config.update("jax_persistent_cache_min_compile_time_secs", 0.0)
    return kept


def folder(environment: Mapping[str, str], home: Path) -> Path | None:
    """Return where compiled programs belong; makes nothing.

    Parameters
    ----------
    environment : mapping of str to str
        Of the process. `MLOPS_COMPILE_CACHE` is "off" or a path.
    home : Path
        The user's home folder.

    Returns
    -------
    Path or None
        A folder of this jaxlib and this processor, because programs of another
        crash; None if turned off.

    Examples
    --------
    >>> folder({"MLOPS_COMPILE_CACHE": "off"}, Path("/home/ada")) is None
    True
    """
    chosen = environment.get(VARIABLE, "").strip()
    if chosen.lower() == "off":
        return None
    root = Path(chosen) if chosen else _user_cache(environment, home) / "mlops_magics" / "compiled"
    return root / f"{jaxlib_version}-{_processor()}"


def _user_cache(environment: Mapping[str, str], home: Path) -> Path:
    if sys.platform == "darwin":
        return home / "Library" / "Caches"
    variable = "LOCALAPPDATA" if sys.platform == "win32" else "XDG_CACHE_HOME"
    # an empty or relative path is to be ignored, says the XDG specification
    named = Path(environment.get(variable, ""))
    return named if named.is_absolute() else home / ".cache"


def _processor() -> str:
    """Return a digest of what the processor can do."""
    described = [platform.machine(), platform.processor()]
    information = Path("/proc/cpuinfo")
    if information.exists():
        lines = information.read_text(errors="replace").splitlines()
        stable = ("flags", "features", "model name")
        described += sorted({line for line in lines if line.lower().startswith(stable)})
    return hashlib.blake2b("\n".join(described).encode(), digest_size=6).hexdigest()


def _make_private(path: Path) -> bool:
    """Make the folder readable and writable by its owner alone, and tell whether it is."""
    try:
        path.mkdir(mode=PRIVATE, parents=True, exist_ok=True)
        status = path.stat()
        if hasattr(os, "getuid") and status.st_uid != os.getuid():
            return False  # another user's programs are not to be run
        if os.name == "posix" and status.st_mode & 0o077:
            path.chmod(PRIVATE)
    except OSError:
        return False
    return os.access(path, os.W_OK)
