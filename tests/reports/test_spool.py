import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest

from reports import spool as spool_module
from reports.spool import Spool, abandoned, segments


def lines(folder):
    return [line for path in segments(folder) for line in path.read_bytes().splitlines()]


def test_a_record_is_one_write_of_one_line(tmp_path, monkeypatch):
    written = []
    write = os.write
    monkeypatch.setattr(spool_module.os, "write", lambda f, b: written.append(b) or write(f, b))
    with Spool(tmp_path / "spool") as spool:
        spool.append(b'{"n":1}')
        spool.append(b'{"n":2}')
    assert written == [b'{"n":1}\n', b'{"n":2}\n']
    assert lines(tmp_path / "spool") == [b'{"n":1}', b'{"n":2}']
    assert spool.appended == 2


@pytest.mark.parametrize("record", [b"", b"a\nb", b"a\n"])
def test_what_is_not_one_line_is_refused(tmp_path, record):
    with Spool(tmp_path) as spool, pytest.raises(ValueError, match="exactly one line"):
        spool.append(record)
    assert segments(tmp_path) == []


def test_segments_end_by_size_and_by_age_and_are_numbered_on(tmp_path, monkeypatch):
    monkeypatch.setattr(spool_module, "SEGMENT_BYTES", 100)
    with Spool(tmp_path) as spool:
        for n in range(30):
            spool.append(b"%019d" % n)
        assert [path.name for path in segments(tmp_path)] == [f"{n:012}.jsonl" for n in range(1, 7)]
        monkeypatch.setattr(spool_module, "SEGMENT_AGE_S", 0.0)
        spool.append(b"later")
    assert lines(tmp_path) == [*(b"%019d" % n for n in range(30)), b"later"]
    assert len(segments(tmp_path)) == 7
    with Spool(tmp_path) as spool:
        spool.append(b"next start")
    assert segments(tmp_path)[-1].read_bytes() == b"next start\n"


def test_two_writers_never_share_a_segment(tmp_path):
    with Spool(tmp_path) as one, Spool(tmp_path) as other:
        for n in range(5):
            one.append(b"one %d" % n)
            other.append(b"other %d" % n)
        assert len(segments(tmp_path)) == 2
        for path in segments(tmp_path):
            with abandoned(path) as is_abandoned:
                assert not is_abandoned
    for path in segments(tmp_path):
        with abandoned(path) as is_abandoned:
            assert is_abandoned


def test_a_full_disk_stops_no_call_and_loses_no_record(tmp_path, monkeypatch):
    write, full = os.write, [errno.ENOSPC]

    def sometimes(file, data):
        if full:
            raise OSError(full[0], "no space")
        return write(file, data)

    with Spool(tmp_path) as spool:
        spool.append(b"before")
        monkeypatch.setattr(spool_module.os, "write", sometimes)
        spool.append(b"during 1")
        spool.append(b"during 2")
        assert (spool.held, spool.refused_writes) == (2, 2)
        full.clear()
        spool.append(b"after")
        assert (spool.held, spool.lost) == (0, 0)
    assert lines(tmp_path) == [b"before", b"during 1", b"during 2", b"after"]


def test_half_a_line_stays_torn_and_the_record_comes_whole_in_the_next_segment(
    tmp_path, monkeypatch
):
    write, short = os.write, [3]

    def partly(file, data):
        return write(file, data[: short.pop()] if short else data)

    monkeypatch.setattr(spool_module.os, "write", partly)
    with Spool(tmp_path) as spool:
        spool.append(b"record")
        assert spool.held == 1
        spool.flush()
    first, second = (path.read_bytes() for path in segments(tmp_path))
    assert (first, second) == (b"rec", b"record\n")


def test_more_than_memory_may_hold_is_given_up_oldest_first_and_counted(tmp_path, monkeypatch):
    monkeypatch.setattr(spool_module, "HELD_RECORDS", 3)

    def never(file, data):
        raise OSError(errno.ENOSPC, "no space")

    with Spool(tmp_path) as spool:
        with monkeypatch.context() as patch:
            patch.setattr(spool_module.os, "write", never)
            for n in range(5):
                spool.append(b"%d" % n)
        assert (spool.held, spool.lost) == (3, 2)
    assert lines(tmp_path) == [b"2", b"3", b"4"]


def test_records_survive_a_kill_of_the_process(tmp_path):
    program = f"""
import os, signal, sys
from pathlib import Path
from reports.spool import Spool
spool = Spool(Path({str(tmp_path)!r}))
for n in range(1000):
    spool.append(b'{{"n":%d}}' % n)
os.kill(os.getpid(), signal.SIGKILL)
"""
    root = Path(spool_module.__file__).parents[1]
    done = subprocess.run([sys.executable, "-c", program], cwd=root, timeout=60)
    assert done.returncode == -9
    assert lines(tmp_path) == [b'{"n":%d}' % n for n in range(1000)]
    with abandoned(segments(tmp_path)[0]) as is_abandoned:
        assert is_abandoned


def test_a_number_that_another_process_took_is_passed_over(tmp_path, monkeypatch):
    with Spool(tmp_path) as one, Spool(tmp_path) as other:
        one.append(b"one")
        # `other` looks at the folder the moment before `one` makes its segment
        monkeypatch.setattr(spool_module, "segments", lambda folder: [])
        other.append(b"other")
    assert lines(tmp_path) == [b"one", b"other"]


def test_a_segment_deleted_before_it_was_locked_is_not_written_to(tmp_path, monkeypatch):
    lock, hasty = spool_module.fcntl.flock, [True]

    def flock(file, how):
        if hasty:  # a drainer finds the new segment empty and without a writer
            hasty.clear()
            segments(tmp_path)[0].unlink()
        lock(file, how)

    monkeypatch.setattr(spool_module.fcntl, "flock", flock)
    with Spool(tmp_path) as spool:
        spool.append(b"kept")
    assert lines(tmp_path) == [b"kept"]


def test_a_segment_that_cannot_be_locked_is_tried_again(tmp_path, monkeypatch):
    def never(file, how):
        raise OSError(errno.ENOLCK, "no locks")

    with Spool(tmp_path) as spool:
        with monkeypatch.context() as patch:
            patch.setattr(spool_module.fcntl, "flock", never)
            spool.append(b"kept")
            assert spool.held == 1
        spool.flush()
    assert lines(tmp_path) == [b"kept"]
