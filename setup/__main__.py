"""`python3 -m setup run|test|pages`: makes this machine ready; quick when it is already."""

import sys

if sys.version_info < (3, 10):
    sys.exit("set-up: python3 here is older than 3.10: install python3.11 and python3.11-venv")

import argparse
import time

from setup import asterisk, debian, pages, python_env, speech
from setup.step import Fault, place_from_environment, run_step


def main() -> int:
    """Do the steps in order; the first that cannot be done ends the set-up with one line."""
    parser = argparse.ArgumentParser(prog="python3 -m setup", description=__doc__)
    parser.add_argument(
        "group", choices=("run", "test", "pages"), help="what the machine is needed for"
    )
    group = parser.parse_args().group
    place = place_from_environment()
    for_tests = group == "test"
    began = time.monotonic()
    steps = [
        (
            "Debian packages",
            lambda: debian.install_missing(
                place, debian.wanted(for_tests=for_tests), python_env.packages_needed()
            ),
        ),
        ("Python packages into .venv", lambda: python_env.make_venv(place, group=group)),
        ("Asterisk", lambda: asterisk.provide(place)),
        ("browser pages", lambda: pages.build_pages(place)),
    ]
    if group == "pages":
        steps = steps[-1:]
    if for_tests:
        steps.append(("speech model for the tests", lambda: speech.fetch_model(place)))
    try:
        for number, (title, work) in enumerate(steps, start=1):
            run_step(number=number, of=len(steps), title=title, work=work)
    except Fault as fault:
        print(f"set-up: {fault}", file=sys.stderr)
        return 1
    except OSError as fault:
        print(f"set-up: {fault} (log: {place.log})", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("set-up: stopped; run make again to go on", file=sys.stderr)
        return 130
    print(f"set-up done in {time.monotonic() - began:.1f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
