"""How is a model one file of bytes?

A zip without compression of `model.json` and `weights.safetensors`. Loading parses
and checks everything, then builds; it imports and runs nothing that the file names.

To change the format after the first release: raise FORMAT, move this version's
reader to `model/old/` with a stored old file in its tests, and let `from_bytes`
hand files of its number to it. Until then format 1 is edited in place.
"""

import hashlib
import io
import json
import math
import struct
import zipfile
from typing import Any, NoReturn

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load, save

from mlops_magics.errors.storage import BrokenModel, NewerFormat

from .baseline import Baseline
from .document import Document, Malformed
from .encoding import Encoding
from .reach import Reach
from .scale import Scale
from .signature import Signature
from .trained import TrainedModel

FORMAT = 1
DESCRIPTION, WEIGHTS = "model.json", "weights.safetensors"
# A model of 100 columns with all its levels takes about 5 MB.
MOST_BYTES = 512 * 2**20
MOST_BYTES_OF_DESCRIPTION = 128 * 2**20
# The first moment that a zip can name: equal models have equal bytes.
TIMESTAMP = (1980, 1, 1, 0, 0, 0)
NEXT_STEP = "train it again, or copy the file back from a backup"

Arrays = dict[str, NDArray[np.float32]]


def to_bytes(model: TrainedModel) -> bytes:
    """Return a model as the bytes of its file.

    Parameters
    ----------
    model : TrainedModel
        Its lineage and environment hold plain JSON values.

    Returns
    -------
    bytes
        The same for equal models.

    Examples
    --------
    >>> data = to_bytes(trained)  # doctest: +SKIP
    >>> to_bytes(from_bytes(data)) == data  # doctest: +SKIP
    True
    """
    arrays = {f"network/{name}": array for name, array in model.weights.items()}
    for place, array in enumerate(model.baseline.arrays()):
        arrays[f"sample/{place}"] = array
    if model.reach is not None:
        arrays |= {"reach/scores": model.reach.scores, "reach/kernel": model.reach.kernel}
    weights = save({name: np.ascontiguousarray(array) for name, array in arrays.items()})
    description = {
        "format": FORMAT,
        "weights_sha256": hashlib.sha256(weights).hexdigest(),
        "signature": model.signature.to_json(),
        "encoding": model.encoding.to_json(),
        "scale": None if model.scale is None else model.scale.to_json(),
        "shares": None if model.shares is None else model.shares.tolist(),
        "temperature": model.temperature,
        "reach": None if model.reach is None else model.reach.to_json(),
        "baseline": model.baseline.to_json(),
        "lineage": dict(model.lineage),
        "environment": dict(model.environment),
    }
    # Strict JSON has no NaN; a number that is not there is null.
    text = json.dumps(description, allow_nan=False, ensure_ascii=True, separators=(",", ":"))
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as archive:
        for name, content in ((DESCRIPTION, text.encode()), (WEIGHTS, weights)):
            member = zipfile.ZipInfo(name, TIMESTAMP)
            member.create_system = 3  # the same bytes on every system
            member.external_attr = 0o444 << 16
            archive.writestr(member, content)
    return packed.getvalue()


def from_bytes(data: bytes, what: str = "the file") -> TrainedModel:
    """Read a model from the bytes of its file.

    Parameters
    ----------
    data : bytes
        A whole model file, from whomever.
    what : str, default="the file"
        How an error names it.

    Returns
    -------
    TrainedModel
        Equal to the one that was written.

    Raises
    ------
    BrokenModel
        If the bytes are damaged or no model.
    NewerFormat
        If a later version of this package wrote them.

    Examples
    --------
    >>> from_bytes(b"PK")
    Traceback (most recent call last):
    mlops_magics.errors.storage.BrokenModel: the file is not a readable model: ...
    """
    try:
        description, weights = _unpack(data)
        document = Document(_parse(description))
        written = document.integer("format")
        if written > FORMAT:
            raise NewerFormat(what, written, FORMAT)
        if hashlib.sha256(weights).hexdigest() != document.text("weights_sha256"):
            raise Malformed("its weights do not have their checksum")
        return _build(document, _arrays(weights))
    except Malformed as problem:
        raise BrokenModel(what, str(problem), NEXT_STEP) from None


def _unpack(data: bytes) -> tuple[bytes, bytes]:
    """Return the description and the weights, whose sizes and names were checked first."""
    if len(data) > MOST_BYTES:
        raise Malformed(f"it has {len(data):,} bytes, more than any model")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = archive.infolist()
            if [member.filename for member in members] != [DESCRIPTION, WEIGHTS]:
                raise Malformed(f"it does not hold exactly {DESCRIPTION} and {WEIGHTS}")
            for member in members:
                is_stored = member.compress_type == zipfile.ZIP_STORED
                # without compression nothing can unpack to more than the file has
                if not is_stored or member.file_size != member.compress_size:
                    raise Malformed("it is compressed, which no model is")
            if members[0].file_size > MOST_BYTES_OF_DESCRIPTION:
                raise Malformed(f"its {DESCRIPTION} is larger than any model's")
            return archive.read(DESCRIPTION), archive.read(WEIGHTS)
    except Malformed:
        raise
    # what zipfile raises for damage, part by part: KeyError, ValueError and OverflowError
    # come from places and names in its directory that are not in the file
    except (zipfile.BadZipFile, OSError, EOFError, struct.error, RuntimeError) as problem:
        raise Malformed(f"it is cut off or damaged ({_one_line(problem)})") from None
    except (ValueError, KeyError, OverflowError) as problem:
        raise Malformed(f"it is damaged ({_one_line(problem)})") from None


def _parse(text: bytes) -> Any:
    try:
        return json.loads(text.decode(), parse_constant=_refuse_constant, parse_float=_finite)
    except Malformed:
        raise
    except (ValueError, RecursionError) as problem:
        raise Malformed(f"its {DESCRIPTION} is no JSON ({_one_line(problem)})") from None


def _finite(written: str) -> float:
    number = float(written)
    if not math.isfinite(number):  # 1e999 is JSON and reads as infinity
        raise Malformed(f"its {DESCRIPTION} holds {written[:20]}")
    return number


def _refuse_constant(name: str) -> NoReturn:
    raise Malformed(f"its {DESCRIPTION} holds {name}")


def _arrays(weights: bytes) -> Arrays:
    try:
        arrays = load(weights)
    except (SafetensorError, ValueError, KeyError, TypeError) as problem:
        raise Malformed(f"its {WEIGHTS} is damaged ({_one_line(problem)})") from None
    for name, array in arrays.items():
        if array.dtype != np.float32:
            raise Malformed(f"{name[:40]!r} is not of float32")
    return arrays


def _build(document: Document, arrays: Arrays) -> TrainedModel:
    signature = Signature.from_json(document.value("signature"))
    encoding = Encoding.from_json(document.value("encoding"))
    if encoding.names != signature.names:
        raise Malformed("its encoding is of other features than its signature")
    network = {n.removeprefix("network/"): a for n, a in arrays.items() if n.startswith("network/")}
    _check_shapes(network, encoding.width, signature.outputs)
    count = sum(name.startswith("sample/") for name in arrays)
    samples = [arrays.get(f"sample/{place}") for place in range(count)]
    if any(sample is None or sample.ndim != 1 for sample in samples):
        raise Malformed("its samples are not one a column")
    baseline = Baseline.from_json(document.value("baseline"), [s for s in samples if s is not None])
    if set(baseline.features) != set(signature.names):
        raise Malformed("its baseline is of other features than its signature")
    written, is_regression = document.value("scale"), signature.task == "regression"
    if is_regression != (written is not None):
        raise Malformed("its scale does not fit its task")
    temperature = document.real("temperature")
    if not temperature > 0:
        raise Malformed("its temperature is not above 0")
    environment = document.mapping("environment")
    if not all(isinstance(version, str) for version in environment.values()):
        raise Malformed("its environment holds more than texts")
    return TrainedModel(
        signature=signature,
        encoding=encoding,
        weights=network,
        baseline=baseline,
        scale=None if written is None else Scale.from_json(written),
        shares=_shares(document, len(network["input_scale"])),
        temperature=temperature,
        reach=_reach(document, arrays, encoding.width),
        lineage=document.mapping("lineage"),
        environment=environment,
    )


def _shares(document: Document, members: int) -> NDArray[np.float64] | None:
    if document.value("shares") is None:
        return None
    shares = document.floats("shares")
    if shares.shape != (members,) or (shares < 0).any() or abs(shares.sum() - 1) > 1e-6:
        raise Malformed("shares of its members that are not one in all")
    return shares


def _reach(document: Document, arrays: Arrays, inputs: int) -> Reach | None:
    written = document.value("reach")
    if written is None:
        return None
    nothing = np.zeros((0, 0), np.float32)
    scores, kernel = (arrays.get(f"reach/{name}", nothing) for name in ("scores", "kernel"))
    reach = Reach.from_json(written, scores, kernel)
    if len(kernel) not in (0, inputs):
        raise Malformed(f"widths of {len(kernel)} inputs for {inputs}")
    return reach


def _check_shapes(network: Arrays, inputs: int, outputs: int) -> None:
    """Raise unless the weights are those of one ensemble of these inputs and outputs."""
    kernel = network.get("output.kernel", np.zeros(0))
    members, units = kernel.shape[:2] if kernel.ndim == 3 else (0, 0)
    depth = sum(name.endswith(".blend") for name in network)
    expected: dict[str, tuple[int, ...]] = {
        "input_scale": (members, inputs),
        "output.kernel": (members, units, outputs),
        "output.bias": (members, outputs),
    }
    for place in range(depth):
        expected[f"hidden.{place}.kernel"] = (members, units if place else inputs, units)
        expected[f"hidden.{place}.bias"] = (members, units)
        expected[f"hidden.{place}.blend"] = (members, units)
    if not members or not depth or network.keys() != expected.keys():
        raise Malformed("its weights are of another network")
    for name, shape in expected.items():
        if network[name].shape != shape:
            raise Malformed(f"{name} has shape {network[name].shape}, not {shape}")


def _one_line(problem: Exception) -> str:
    return " ".join(str(problem).split())[:120] or type(problem).__name__


def all_finite(model: TrainedModel) -> bool:
    """Tell whether every weight and every number of the encoding is finite.

    Parameters
    ----------
    model : TrainedModel
        A model that was loaded or trained.

    Returns
    -------
    bool
        False where a prediction could be no number.

    Examples
    --------
    >>> all_finite(from_bytes(data))  # doctest: +SKIP
    True
    """
    numerics = model.encoding.numerics
    arrays: list[NDArray[Any]] = [*model.weights.values(), numerics.median, numerics.scale]
    arrays += [numerics.piece_low, numerics.piece_width]
    arrays += [categories.means for categories in model.encoding.categories]
    if model.reach is not None:
        arrays += [model.reach.scores, model.reach.kernel]
    return all(bool(np.isfinite(array).all()) for array in arrays)
