"""A benchmark is run by hand: its rivals need not be there when tests are collected."""

from pathlib import Path

HERE = Path(__file__).parent
collect_ignore_glob = ["*/*.py"]
collect_ignore = [path.name for path in HERE.glob("*.py") if not path.name.startswith("test_")]
