"""Calibrations on disk: what `turnsignal calibrate` writes and detection reads."""

from pathlib import Path

import msgspec

from accounts.calibration import READABLE, VERSION, Calibration
from accounts.chain import MADE, Chain
from accounts.policy import Policy
from service.failures import Failure


def policy_of(false_alarms: float, file: str | Path | None) -> Policy:
    """The tests' numbers at a budget: of a calibration, or the built-in ones. Raises Failure."""
    return Policy(false_alarms=false_alarms) if file is None else read(Path(file)).policy(false_alarms)


def chain_of(file: str | Path | None) -> Chain:
    """The chain of lifetime value: of a calibration that has one, or the built-in one. Raises Failure."""
    return (None if file is None else read(Path(file)).chain) or MADE


def read(path: Path) -> Calibration:
    """Read a calibration; raises Failure with what is wrong."""
    try:
        calibration = msgspec.json.decode(path.read_bytes(), type=Calibration)
    except OSError as error:
        raise Failure(f"cannot read the calibration {path}: {error.strerror}", 2) from None
    except msgspec.DecodeError as error:
        raise Failure(f"{path} is no calibration: {error}; make one with `turnsignal calibrate`", 2) from None
    if calibration.version not in READABLE:
        raise Failure(
            f"{path} has version {calibration.version}, and {VERSION} is the newest that is read: "
            "calibrate again",
            2,
        )
    return calibration


def write(path: Path, calibration: Calibration) -> None:
    """Write a calibration, whole or not at all; raises Failure."""
    new = path.with_name(path.name + ".new")
    try:
        new.write_bytes(msgspec.json.format(msgspec.json.encode(calibration), indent=2) + b"\n")
        new.replace(path)
    except OSError as error:
        raise Failure(f"cannot write {path}: {error.strerror}", 2) from None
