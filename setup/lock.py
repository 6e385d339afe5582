"""`python3 -m setup.lock`: renews run.lock and test.lock from pyproject.toml.

One resolution for Python 3.11 and up on every machine (uv's universal mode), each file of each
package by its hash, no address of any registry: pip takes them from wherever it is told to.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import venv
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent
HEADER = "# Made by `make lock` from pyproject.toml. Do not edit.\n"
COMPILE = ("pip", "compile", "--universal", "--python-version", "3.11", "--generate-hashes")
PLAIN = ("--no-header", "--no-annotate", "--quiet", "--upgrade")


def main() -> int:
    """Write both lock files; run.lock takes its versions from test.lock, so that they agree."""
    with tempfile.TemporaryDirectory() as folder:
        venv.create(folder, with_pip=True)
        subprocess.run([f"{folder}/bin/python", "-m", "pip", "install", "-q", "uv"], check=True)
        compile_lock = [f"{folder}/bin/uv", *COMPILE, *PLAIN]
        test = Path(folder, "test.lock")
        run = Path(folder, "run.lock")
        project = CHECKOUT / "pyproject.toml"
        subprocess.run([*compile_lock, "--extra", "test", project, "-o", test], check=True)
        subprocess.run([*compile_lock, "--constraint", test, project, "-o", run], check=True)
        for lock in (test, run):
            text = lock.read_text()
            if "://" in text:
                sys.exit(f"{lock.name} would name a registry or an address: not written")
            (CHECKOUT / lock.name).write_text(HEADER + text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
