"""A PostgreSQL server of our own for the length of a test session: Debian's `postgresql`."""

import os
import pwd
import shutil
import subprocess
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path


def binaries() -> Path:
    """Folder with initdb and postgres, the newest where there are several."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda p: int(p.parts[4]))
    named = shutil.which("initdb")
    if not found and not named:
        raise FileNotFoundError("no initdb: install the Debian package postgresql")
    return found[-1].parent if found else Path(str(named)).resolve().parent


class PrivatePostgres:
    """Listens on a Unix socket in its own folder only; never as root, which initdb refuses."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._process: subprocess.Popen[bytes] | None = None
        self._databases = 0
        self._user = "postgres" if os.geteuid() == 0 else None
        if self._user:
            owner = pwd.getpwnam(self._user)
            os.chown(folder, owner.pw_uid, owner.pw_gid)
        self._run("initdb", "-D", "data", "-U", "hotline", "-A", "trust", "--no-sync", "-E", "UTF8")

    def start(self) -> None:
        arguments = ["-D", "data", "-k", str(self.folder), "-c", "listen_addresses="]
        with open(self.folder / "log", "ab") as log:
            self._process = subprocess.Popen(
                [binaries() / "postgres", *arguments],
                cwd=self.folder,
                user=self._user,
                stdout=log,
                stderr=log,
            )
        deadline = time.monotonic() + 30
        while self._sql("postgres", "SELECT 1", check=False).returncode:
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError((self.folder / "log").read_text()[-2000:])
            time.sleep(0.05)

    def stop(self, *, kill: bool = False) -> None:
        if self._process is not None:
            # INT is PostgreSQL's fast shutdown; KILL leaves it to recover at the next start
            self._process.send_signal(9 if kill else 2)
            self._process.wait(30)
            self._process = None

    def new_database(self) -> str:
        """DATABASE_URL of an empty database."""
        self._databases += 1
        name = f"facts{self._databases}"
        self._sql("postgres", f"CREATE DATABASE {name}")
        return f"postgresql://hotline@/{name}?host={self.folder}"

    def _sql(self, database: str, sql: str, *, check: bool = True):
        return self._run(
            "psql", "-h", str(self.folder), "-U", "hotline", "-d", database, "-c", sql, check=check
        )

    def _run(self, program: str, *arguments: str, check: bool = True):
        done = subprocess.run(
            [binaries() / program, *arguments],
            cwd=self.folder,
            user=self._user,
            capture_output=True,
            timeout=60,
            check=False,
        )
        if check and done.returncode:
            raise RuntimeError(done.stderr.decode(errors="replace"))
        return done


@contextmanager
def private_postgres():
    # not pytest's tmp_path: its folders are closed to other users, and a socket's path is short
    with tempfile.TemporaryDirectory(prefix="hl-pg-", dir="/tmp") as folder:
        server = PrivatePostgres(Path(folder))
        server.start()
        try:
            yield server
        finally:
            server.stop()
