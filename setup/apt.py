"""A private apt: a package with all it needs, without root and beside the machine's own."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from setup.step import Fault, last_error, run_command

KEYRINGS = (
    "/usr/share/keyrings/debian-archive-keyring.gpg",
    "/usr/share/keyrings/debian-archive-keyring.pgp",
)


@dataclass(frozen=True)
class Source:
    """One place packages come from, with the keyring that vouches for it."""

    uri: str
    suites: tuple[str, ...]
    components: tuple[str, ...]
    signed_by: str = ""


def machine_sources(etc: Path = Path("/etc/apt")) -> Iterator[Source]:
    """Read the machine's own sources, one-line style and deb822 (sources.list(5))."""
    lists = [etc / "sources.list", *sorted((etc / "sources.list.d").glob("*.list"))]
    for path in (path for path in lists if path.is_file()):
        for line in path.read_text("utf-8", "replace").splitlines():
            if source := _one_line(line):
                yield source
    for path in sorted((etc / "sources.list.d").glob("*.sources")):
        for stanza in re.split(r"\n\s*\n", path.read_text("utf-8", "replace")):
            yield from _deb822(stanza)


def _one_line(line: str) -> Source | None:
    found = re.match(r"\s*deb\s+(?:\[([^\]]*)\]\s+)?(\S+)\s+(\S+)\s*([^#]*)", line)
    if not found:
        return None
    options, uri, suite, components = found.groups()
    signed = re.search(r"signed-by=(\S+)", options or "")
    return Source(uri, (suite,), tuple(components.split()), signed.group(1) if signed else "")


def _deb822(stanza: str) -> Iterator[Source]:
    fields: dict[str, str] = {}
    name = ""
    for line in stanza.splitlines():
        if line.startswith("#"):
            continue
        if line[:1].isspace():
            fields[name] = f"{fields.get(name, '')} {line.strip()}"
        elif ":" in line:
            name, _, value = line.partition(":")
            name = name.strip().lower()
            fields[name] = value.strip()
    if "deb" not in fields.get("types", "").split() or fields.get("enabled", "yes") == "no":
        return
    signed = fields.get("signed-by", "")
    suites, components = fields.get("suites", "").split(), fields.get("components", "").split()
    for uri in fields.get("uris", "").split():
        # A key written into the stanza itself is left to the machine's keyring.
        key = signed if signed.startswith("/") else ""
        yield Source(uri, tuple(suites), tuple(components), key)


def debian_mirror(
    etc: Path = Path("/etc/apt"), os_release: Path = Path("/etc/os-release")
) -> Source | None:
    """The sid suite of the mirror this machine itself uses; None where there is none.

    HOTLINE_DEBIAN_MIRROR goes before the machine's own sources.
    """
    if named := os.environ.get("HOTLINE_DEBIAN_MIRROR"):
        return Source(named, ("sid",), ("main",), _keyring())
    release = dict(re.findall(r'^(\w+)="?([^"\n]*)"?$', os_release.read_text(), re.MULTILINE))
    if release.get("ID") != "debian":
        return None
    for source in machine_sources(etc):
        if release.get("VERSION_CODENAME", "sid") in source.suites and "main" in source.components:
            return Source(source.uri, ("sid",), ("main",), source.signed_by or _keyring())
    return None


def _keyring() -> str:
    return next((path for path in KEYRINGS if Path(path).is_file()), "")


class PrivateApt:
    """An apt with nothing installed and folders of its own: it fetches whole closures."""

    def __init__(self, *, folder: Path, log: Path, source: Source | None) -> None:
        self._folder = folder
        self._log = log
        self._config = folder / "apt.conf"
        for part in ("lists/partial", "cache/archives/partial"):
            (folder / part).mkdir(parents=True, exist_ok=True)
        (folder / "status").write_text("")
        self._config.write_text(self._configuration(source))

    def _configuration(self, source: Source | None) -> str:
        options = {
            "Dir::State::Lists": f"{self._folder}/lists",
            "Dir::State::status": f"{self._folder}/status",
            "Dir::State::extended_states": f"{self._folder}/extended_states",
            "Dir::Cache": f"{self._folder}/cache",
            "Acquire::Languages": "none",
            "Acquire::Retries": "3",
            "APT::Install-Recommends": "false",
        }
        if source is not None:
            sources = self._folder / "sources.list"
            signed = f"[signed-by={source.signed_by}] " if source.signed_by else ""
            sources.write_text(f"deb {signed}{source.uri} {source.suites[0]} main\n")
            options["Dir::Etc::SourceList"] = str(sources)
            options["Dir::Etc::SourceParts"] = "/dev/null"
            options["Dir::Etc::Preferences"] = "/dev/null"
            options["Dir::Etc::PreferencesParts"] = "/dev/null"
        if os.geteuid() == 0:
            options["APT::Sandbox::User"] = "root"  # user _apt cannot write into the cache folder
        return "".join(f'{name} "{value}";\n' for name, value in options.items())

    def update(self) -> None:
        """Fetch the package lists."""
        self._apt("update")

    def download(self, *packages: str) -> list[Path]:
        """Fetch packages with everything they need; the .deb files, checked by apt."""
        self._apt("install", "-y", "--download-only", *packages)
        return sorted((self._folder / "cache" / "archives").glob("*.deb"))

    def _apt(self, *words: str) -> None:
        # -c comes after the machine's own configuration, so that ours wins (apt.conf(5)).
        if not run_command(["apt-get", "-c", self._config, *words], log=self._log):
            why = last_error(self._log)
            way_out = (
                "the mirror is out of date, set HOTLINE_DEBIAN_MIRROR to another"
                if "is expired" in why
                else "check network and disk"
            )
            raise Fault(f"apt-get {words[0]} failed ({why}): {way_out} (log: {self._log})")
