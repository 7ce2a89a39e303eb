"""What are the columns of an Arrow stream?

Reads the schema through the C interface, as every producer fills it in, so that
no Arrow library is needed: names as they stand, also twice, and formats. Reads
no value.

The layout is that of "The Arrow C stream interface" and "The Arrow C data
interface", both of which are frozen.
"""

import ctypes
from dataclasses import dataclass
from typing import Any

STREAM = b"arrow_array_stream"


@dataclass(frozen=True, slots=True)
class ArrowField:
    """One column of an Arrow stream.

    Attributes
    ----------
    name : str
        As it stands.
    format : str
        Arrow's own word for the type of its values, such as ``l`` or ``tsu:UTC``.
    is_dictionary : bool
        Whether it is a category: numbers that stand for values.
    """

    name: str
    format: str
    is_dictionary: bool


class _Schema(ctypes.Structure):
    pass


_Schema._fields_ = [
    ("format", ctypes.c_char_p),
    ("name", ctypes.c_char_p),
    ("metadata", ctypes.c_void_p),
    ("flags", ctypes.c_int64),
    ("n_children", ctypes.c_int64),
    ("children", ctypes.POINTER(ctypes.POINTER(_Schema))),
    ("dictionary", ctypes.POINTER(_Schema)),
    ("release", ctypes.CFUNCTYPE(None, ctypes.POINTER(_Schema))),
    ("private_data", ctypes.c_void_p),
]


class _Stream(ctypes.Structure):
    # only the first member is called; the layout of the others keeps it in its place
    _fields_ = (
        (
            "get_schema",
            ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.POINTER(_Schema)),
        ),
        ("get_next", ctypes.c_void_p),
        ("get_last_error", ctypes.c_void_p),
        ("release", ctypes.c_void_p),
        ("private_data", ctypes.c_void_p),
    )


def fields_of(capsule: Any) -> list[ArrowField] | None:
    """Return the columns of a stream, which is not consumed.

    Parameters
    ----------
    capsule : PyCapsule
        What `__arrow_c_stream__` returned.

    Returns
    -------
    list of ArrowField or None
        None where the stream is not one of rows with columns, or says nothing.
    """
    pointer_of = ctypes.pythonapi.PyCapsule_GetPointer
    pointer_of.restype, pointer_of.argtypes = ctypes.c_void_p, [ctypes.py_object, ctypes.c_char_p]
    address = pointer_of(capsule, STREAM)
    stream = ctypes.cast(address, ctypes.POINTER(_Stream)).contents
    schema = _Schema()
    if not stream.get_schema or stream.get_schema(address, ctypes.byref(schema)) != 0:
        return None
    try:
        if schema.format != b"+s":
            return None
        return [_field(schema.children[place].contents) for place in range(schema.n_children)]
    finally:
        if schema.release:
            schema.release(ctypes.byref(schema))


def _field(schema: Any) -> ArrowField:
    return ArrowField(
        name=(schema.name or b"").decode(errors="replace"),
        format=(schema.format or b"").decode(),
        is_dictionary=bool(schema.dictionary),
    )
