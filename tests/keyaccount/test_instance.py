import os
import subprocess
import sys
from pathlib import Path

import pytest

from keyaccount.instance import Record, Running, held, running_instance, stop_children
from keyaccount.problems import Unable


def test_a_folder_is_held_by_one(tmp_path: Path) -> None:
    with held(tmp_path, 8080), pytest.raises(Unable, match=f"http://127.0.0.1:8080 \\(process {os.getpid()}\\)"):  # noqa: SIM117
        with held(tmp_path, 9090):
            pass

    with held(tmp_path, 9090):
        found = running_instance(tmp_path)
        assert found is not None
        assert found.port == 9090
    assert running_instance(tmp_path) is None


def test_another_program_with_the_pid_of_a_child_is_left_alone(tmp_path: Path) -> None:
    other = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    ours = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    record = Record(tmp_path / "record", 8080, Running.of(os.getpid()))
    record.children = {"stale": Running(other.pid, Running.of(other.pid).started - 100), "ours": Running.of(ours.pid)}

    assert stop_children(record)

    ours.wait(5)
    assert other.poll() is None
    other.communicate(b"\n", timeout=5)
    ours.communicate()


def test_a_record_cut_short_is_no_record(tmp_path: Path) -> None:
    (tmp_path / "instance.json").write_text('{"port": 80')

    with held(tmp_path, 8080):
        assert running_instance(tmp_path) is not None
