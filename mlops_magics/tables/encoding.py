"""In which letters is this file written?

Gives a file as UTF-8: itself where it is UTF-8 already, else a copy that goes with
the `with` block. Unpacks gzip. Every line that had to be guessed is counted.
"""

import codecs
import gzip
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

# The longer mark first: UTF-32's begins with UTF-16's.
MARKS = {
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class Decoded:
    """A file in UTF-8, and what was changed to make it so."""

    path: Path
    repairs: tuple[str, ...] = ()


@contextmanager
def as_utf8(path: Path) -> Iterator[Decoded]:
    """Give a file as UTF-8.

    Parameters
    ----------
    path : Path
        Any text file; one that ends with .gz is unpacked.

    Yields
    ------
    Decoded
        A byte order mark may still stand at its beginning.
    """
    codec = _codec(path)
    is_packed = path.suffix.lower() == ".gz"
    if codec is None and not is_packed and _is_utf8(path):
        yield Decoded(path)
        return
    with tempfile.TemporaryDirectory(prefix="mlops_") as folder:
        copy = Path(folder) / "decoded"
        with _open(path) as source, copy.open("wb") as target:
            repairs = _by_line(source, target) if codec is None else _all(source, target, codec)
        yield Decoded(copy, repairs)


def _open(path: Path) -> "IO[bytes]":
    return gzip.open(path) if path.suffix.lower() == ".gz" else path.open("rb")  # type: ignore[return-value]


def _codec(path: Path) -> str | None:
    with _open(path) as source:
        head = source.read(64)
    for mark, codec in MARKS.items():
        if head.startswith(mark):
            return codec
    # Western text in UTF-16 without its mark: most second bytes are zero; UTF-8 has none
    for start, codec in ((1, "utf-16-le"), (0, "utf-16-be")):
        if head[start::2].count(0) > len(head) / 4 and 0 not in head[1 - start :: 2]:
            return codec
    return None


def _is_utf8(path: Path) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")()
    with path.open("rb") as source:
        try:
            while chunk := source.read(CHUNK):
                decoder.decode(chunk)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return False
    return True


def _all(source: IO[bytes], target: IO[bytes], codec: str) -> tuple[str, ...]:
    decoder = codecs.getincrementaldecoder(codec)()
    while chunk := source.read(CHUNK):
        target.write(decoder.decode(chunk).encode())
    target.write(decoder.decode(b"", final=True).encode())
    return (f"the file is {codec.upper()}: read as that",)


def _by_line(source: IO[bytes], target: IO[bytes]) -> tuple[str, ...]:
    """Write UTF-8 lines as they are; others are Windows' Western letters, a superset of Latin-1's.

    A file that two programs wrote in turn has lines of both.
    """
    count = 0
    for line in source:
        try:
            line.decode()
        except UnicodeDecodeError:
            count += 1
            # five bytes are no letter of it: they become the sign for one that is not known
            line = line.decode("cp1252", errors="replace").encode()
        target.write(line)
    if not count:
        return ()
    lines = "1 line is" if count == 1 else f"{count:,} lines are"
    return (f"{lines} not UTF-8: read as Windows-1252",)
