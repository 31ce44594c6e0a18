"""Repack scikit-learn's copy of the UCI digits as a small npz for the package.

    python tests/golden/pack_digits.py        (needs scikit-learn; no test does)

Writes minikeras/datasets/digits.npz: `images` uint8[1797, 8, 8] with values 0..16 and
`labels` uint8[1797], in scikit-learn's order.  The archive is written member by member
with a fixed date, so that the same data always give the same bytes, and holds plain
arrays only (no pickle).
"""

import hashlib
import io
import zipfile
from pathlib import Path

import numpy as np

TARGET = Path(__file__).resolve().parents[2] / "minikeras" / "datasets" / "digits.npz"
EPOCH = (1980, 1, 1, 0, 0, 0)


def write_npz(path, **arrays):
    "Like np.savez_compressed, but reproducible to the byte."
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, array in arrays.items():
            buffer = io.BytesIO()
            np.lib.format.write_array(buffer, array, version=(1, 0), allow_pickle=False)
            member = zipfile.ZipInfo(f"{name}.npy", EPOCH)
            member.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(member, buffer.getvalue())


def main():
    from sklearn.datasets import load_digits

    digits = load_digits()
    images = digits.images.astype(np.uint8)
    labels = digits.target.astype(np.uint8)
    assert images.shape == (1797, 8, 8) and (images == digits.images).all()
    assert images.min() == 0 and images.max() == 16
    assert labels.shape == (1797,) and set(labels) == set(range(10))
    write_npz(TARGET, images=images, labels=labels)
    sha256 = hashlib.sha256(TARGET.read_bytes()).hexdigest()
    print(f"{TARGET.name}: {TARGET.stat().st_size:,} bytes, sha256 {sha256}")


if __name__ == "__main__":
    main()
