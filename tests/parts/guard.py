"""Ends the processes and removes the folders that are still listed when standard input ends.

Standard library only, started with `python -I -S`: it must be up in a few milliseconds.
"""

import contextlib
import os
import shutil
import sys
import time


def main() -> None:
    processes: dict[int, int] = {}
    folders: set[str] = set()
    for line in sys.stdin:
        verb, _, rest = line.rstrip("\n").partition(" ")
        if verb == "+process":
            pid, signal = rest.split()
            processes[int(pid)] = int(signal)
        elif verb == "-process":
            processes.pop(int(rest), None)
        elif verb == "+folder":
            folders.add(rest)
        elif verb == "-folder":
            folders.discard(rest)
    for pid, signal in processes.items():
        with contextlib.suppress(ProcessLookupError):
            os.killpg(pid, signal)
    if processes and folders:
        time.sleep(1)  # what still shuts down would write into the folders again
    for folder in folders:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
