"""Files that somebody made to do harm, or that an accident made: one function each.

`CORPUS` maps a name to a function that makes the bytes of a file of a real model; each is
refused in one line. Run as a program with a model file, it tries them all under an audit
hook, in a process in which nothing may be imported, executed or written.
"""

import contextlib
import hashlib
import io
import json
import pickle
import struct
import sys
import zipfile
from pathlib import Path

import numpy as np

DESCRIPTION, WEIGHTS = "model.json", "weights.safetensors"


class Evil:
    def __reduce__(self):
        return (exec, ("raise SystemExit('executed')",))


def parts(data):
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def packed(members, compression=zipfile.ZIP_STORED):
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", compression) as archive:
        for name, content in members:
            archive.writestr(name, content)
    return made.getvalue()


def with_description(change, keep_digest=False):
    def make(data):
        found = parts(data)
        description = json.loads(found[DESCRIPTION])
        changed = change(description)
        text = changed if isinstance(changed, bytes) else json.dumps(changed).encode()
        return packed([(DESCRIPTION, text), (WEIGHTS, found[WEIGHTS])])

    return make


def with_weights(change):
    def make(data):
        found = parts(data)
        weights = change(found[WEIGHTS])
        description = json.loads(found[DESCRIPTION])
        description["weights_sha256"] = hashlib.sha256(weights).hexdigest()
        return packed([(DESCRIPTION, json.dumps(description).encode()), (WEIGHTS, weights)])

    return make


def renamed(first, second=WEIGHTS):
    def make(data):
        found = parts(data)
        return packed([(first, found[DESCRIPTION]), (second, found[WEIGHTS])])

    return make


def with_member(name, content=b"raise SystemExit('executed')"):
    def make(data):
        return packed([*parts(data).items(), (name, content)])

    return make


def with_lineage(**changes):
    return with_description(lambda d: d | {"lineage": d["lineage"] | changes})


def with_metadata(**changes):
    def change(description):
        lineage = description["lineage"]
        return description | {"lineage": lineage | {"metadata": lineage["metadata"] | changes}}

    return with_description(change)


def patched(place, value):
    """Overwrite the bytes at a place of the zip's directory, counted from its begin."""

    def make(data):
        begin = data.index(b"PK\x01\x02")
        changed = bytearray(data)
        changed[begin + place : begin + place + len(value)] = value
        return bytes(changed)

    return make


def bomb(data):
    found = parts(data)
    return packed(
        [(DESCRIPTION, b" " * 50_000_000), (WEIGHTS, found[WEIGHTS])], zipfile.ZIP_DEFLATED
    )


def overlapping(data):
    # both entries of the directory point to one and the same member
    begin = data.index(b"PK\x01\x02")
    second = data.index(b"PK\x01\x02", begin + 4)
    changed = bytearray(data)
    changed[second + 42 : second + 46] = data[begin + 42 : begin + 46]
    return bytes(changed)


def twice(data):
    found = parts(data)
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return packed([(DESCRIPTION, found[DESCRIPTION]), (DESCRIPTION, found[DESCRIPTION])])


def header(length, text):
    return lambda _: struct.pack("<Q", length) + text


def safetensors(**tensors):
    text = json.dumps(tensors).encode()
    return header(len(text), text)


TENSOR = {"dtype": "F32", "shape": [2**40, 2**20], "data_offsets": [0, 4]}
CORPUS = {
    "empty": lambda _: b"",
    "a pickle": lambda _: pickle.dumps(Evil()),
    "a program": lambda _: b"#!/bin/sh\nexit 1\n",
    "an executable": lambda _: b"\x7fELF" + bytes(200),
    "numpy's archive of objects": lambda _: _objects(),
    "half a file": lambda data: data[: len(data) // 2],
    "a tail": lambda data: data[len(data) // 2 :],
    "a zip bomb": bomb,
    "overlapping members": overlapping,
    "one member twice": twice,
    "one member": lambda data: packed([(DESCRIPTION, parts(data)[DESCRIPTION])]),
    "no members": lambda _: packed([]),
    "a path above": renamed("../../model.json"),
    "an absolute path": renamed("/tmp/model.json"),
    "a drive": renamed("C:\\model.json"),
    "another case": renamed("MODEL.JSON"),
    "a folder": with_member("folder/"),
    "a module beside": with_member("__init__.py"),
    "a module above": with_member("../sitecustomize.py"),
    "a pickle beside": with_member("data.pkl", pickle.dumps(Evil())),
    "an encrypted member": patched(8, b"\x01\x00"),
    "a lie about its size": patched(24, b"\xff\xff\xff\x7f"),
    "a lie about both sizes": patched(20, b"\xff\xff\xff\x7f\xff\xff\xff\x7f"),
    "a member beyond the end": patched(42, b"\xff\xff\xff\x7f"),
    "another checksum": patched(16, b"\x00\x00\x00\x00"),
    "a pickle for weights": with_weights(lambda _: pickle.dumps(Evil())),
    "a header of 2**63 bytes": with_weights(header(2**63, b"{}")),
    "a header of no JSON": with_weights(header(4, b"evil")),
    "an array of 2**60 numbers": with_weights(safetensors(x=TENSOR)),
    "an array beyond the end": with_weights(
        safetensors(x={"dtype": "F32", "shape": [1], "data_offsets": [0, 400]})
    ),
    "an array of negative size": with_weights(
        safetensors(x={"dtype": "F32", "shape": [-1], "data_offsets": [0, 4]})
    ),
    "another network": with_weights(safetensors()),
    "weights changed by one bit": lambda data: _flipped(data),
    "deep nesting": with_description(lambda _: b"[" * 1_000_000),
    "a million digits": with_description(lambda _: b'{"format": ' + b"9" * 1_000_000 + b"}"),
    "not a number": with_description(lambda _: b'{"format": NaN}'),
    "UTF-16": with_description(lambda d: json.dumps(d).encode("utf-16")),
    "a byte order mark": with_description(lambda d: b"\xef\xbb\xbf" + json.dumps(d).encode()),
    "bytes of no text": with_description(lambda _: b'{"format": "\xff\xfe"}'),
    "a list": with_description(lambda _: []),
    "a later format": with_description(lambda d: d | {"format": 10**9}),
    "a format that is true": with_description(lambda d: d | {"format": True}),
    "no signature": with_description(lambda d: d | {"signature": {"__reduce__": "os.system"}}),
    "a name of no model": with_lineage(model_id="../../etc/passwd"),
    "a name of markup": with_lineage(model_id="<script>alert(1)</script>"),
    "half a character for a name": with_lineage(model_id="a\ud800"),
    "a word of the magics for a name": with_lineage(model_id="promote"),
    "a name of 300 letters": with_lineage(model_id="x" * 300),
    "a number for a name": with_lineage(model_id=7),
    "no name": with_lineage(model_id=None),
    "metadata of no object": with_lineage(metadata=["evil"]),
    "metrics of no object": with_lineage(metrics="1"),
    "a metric of text": with_lineage(metrics={"accuracy": "1.0"}),
    "views of no list": with_metadata(views={"view": "x"}),
    "a view without a key": with_metadata(views=[{"view": "x", "number": 1}]),
    "sources of one text": with_metadata(sources={"a": ["view"]}),
    "columns of numbers": with_metadata(columns=[1, 2]),
    "an interrupted that is text": with_metadata(interrupted="no"),
    "half a character in the metadata": with_metadata(more={"\udfff": 1}),
    "a lineage of five megabytes": with_metadata(more="x" * 5_000_000),
}


def _objects():
    made = io.BytesIO()
    np.savez(made, allow_pickle=True, x=np.array([Evil()], dtype=object))
    return made.getvalue()


def _flipped(data):
    found = parts(data)
    weights = bytearray(found[WEIGHTS])
    weights[-5] ^= 1
    return packed([(DESCRIPTION, found[DESCRIPTION]), (WEIGHTS, bytes(weights))])


def main(model, folder):
    """Try every file in a process that is watched, and print what each was answered."""
    from mlops_magics.errors import MLOpsError
    from mlops_magics.registry import ModelRegistry
    from mlops_magics.storage import Storage

    data, folder = Path(model).read_bytes(), Path(folder)
    registry = ModelRegistry(Storage(folder / ".mlops"))
    paths = []
    for place, make in enumerate(CORPUS.values()):
        paths.append(folder / f"{place}.mlm")
        paths[-1].write_bytes(make(data))
    # whatever is imported lazily is imported before anything is watched
    for path in paths:
        with contextlib.suppress(MLOpsError):
            registry.import_(path)
    seen, watching = [], True

    def watch(event, arguments):
        if not watching:
            return
        writes = event == "open" and arguments[1] not in ("r", "rb", None)
        changes = event in ("os.remove", "os.rename", "os.mkdir", "os.chmod", "os.link")
        runs = event in ("exec", "compile", "import", "os.system", "os.exec", "os.fork")
        if writes or changes or runs or event.startswith(("subprocess", "socket", "ctypes.dl")):
            seen.append([event, str(arguments)[:80]])

    sys.addaudithook(watch)
    answers = []
    for path in paths:
        try:
            registry.import_(path)
            answers.append("registered")
        except MLOpsError as error:
            answers.append(str(error))
    watching = False
    exists = (folder / ".mlops").exists()
    print(json.dumps({"answers": answers, "seen": seen, "exists": exists}))  # noqa: T201


if __name__ == "__main__":
    main(*sys.argv[1:])
