"""What every subject tells of itself. Standard library only: subjects run in environments of their own."""

import argparse
import json
import os
import resource
from pathlib import Path


def subject_arguments(description: str) -> argparse.ArgumentParser:
    """The options that all subjects share."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--bootstrap", required=True)
    parser.add_argument("--topic", required=True)
    parser.add_argument("--events", type=int, required=True, help="stop after so many")
    parser.add_argument("--core", type=int, default=-1, help="the one core to run on; -1: any")
    parser.add_argument("--database", default="", help="SQLAlchemy URL")
    return parser


def pin(core: int) -> None:
    """Run this process, and every thread that it starts from here on, on one core."""
    if core >= 0 and hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {core})


def peak_megabytes() -> float:
    """The most memory this process has held at once.

    Linux hands ru_maxrss down from the process that started this one, but not VmHWM.
    """
    status = Path("/proc/self/status")
    if status.exists():
        for line in status.read_text("ascii").splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def tell(**figures: float | dict[str, float]) -> None:
    """The figures, as the last line of standard output."""
    print(json.dumps({"peak_megabytes": peak_megabytes(), **figures}), flush=True)
