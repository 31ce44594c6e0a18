"""Generated from book/keras/fetching.ipynb. Edit the chapter, not this file."""

import io
import pickle
import zipfile

import numpy as np

from minikeras.core.errors import CorruptFileError, UnsafeFileError
from minikeras.utils.archives import reading


class UnsafePickleError(UnsafeFileError, pickle.UnpicklingError):
    """A pickle names something that no array needs."""


REBUILD = np.empty(0).__reduce__()[0]

ALLOWED = {("numpy", "ndarray"): np.ndarray, ("numpy", "dtype"): np.dtype}

ALLOWED |= {
    (f"numpy.{c}.multiarray", "_reconstruct"): REBUILD for c in ("core", "_core")
}


class ArrayUnpickler(pickle.Unpickler):
    """Loads numbers, text, lists, dicts and arrays, and nothing that runs."""

    def find_class(self, module, name):
        if (module, name) not in ALLOWED:
            problem = f"Refusing to load {module}.{name} from a file of data"
            raise UnsafePickleError("datasets", problem)
        return ALLOWED[module, name]


def load_npz(path):
    """{name: array} of a .npz file; arrays of objects may hold numbers, text and lists."""
    arrays = {}
    with reading(path), zipfile.ZipFile(path) as archive:
        for member in archive.namelist():
            if member.endswith(".npy"):
                file = io.BytesIO(archive.read(member))
                arrays[member.removesuffix(".npy")] = read_array(file)
    return arrays


def read_array(file):
    """An array from an open .npy file."""
    npy = np.lib.format
    one = npy.read_magic(file)[0] == 1
    header = npy.read_array_header_1_0 if one else npy.read_array_header_2_0
    shape, _, dtype = header(file)
    if not dtype.hasobject:
        left = len(file.getbuffer()) - file.tell()
        if np.prod(shape, dtype=object) * dtype.itemsize > left:
            raise EOFError("fewer numbers than its header says")
        file.seek(0)
        return npy.read_array(file, allow_pickle=False)
    array = ArrayUnpickler(file).load()
    if not isinstance(array, np.ndarray) or array.shape != shape:
        raise CorruptFileError("datasets", "the array is not what its header says")
    return array
