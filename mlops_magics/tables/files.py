"""Into which files of the user's can a table go?

Into a new one of a known form, in a folder that is there. `parts` writes it.
"""

from pathlib import Path

from mlops_magics.errors.request import BadArgument
from mlops_magics.errors.state import NameTaken

FORMATS = {".parquet": "FORMAT parquet, COMPRESSION zstd", ".csv": "FORMAT csv, HEADER"}


def check_new_file(path: Path) -> None:
    """Refuse a path to which no table can be written.

    Parameters
    ----------
    path : Path
        The file that is asked for.

    Raises
    ------
    BadArgument
        If it is no .parquet or .csv file in a folder that is there.
    NameTaken
        If there is something already.
    """
    if path.suffix.lower() not in FORMATS:
        raise BadArgument("path", str(path), "a file that ends in .parquet or .csv")
    try:
        has_folder, exists = path.parent.is_dir(), path.exists()
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise BadArgument("path", str(path), f"a path that can be written ({reason})") from error
    if not has_folder:
        raise BadArgument("path", str(path), "a file in a folder that is there")
    if exists:
        raise NameTaken("the file", str(path), "choose another path")
