"""Reading and polling a directory of key files."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest

from dnscore.configdir import SIZE_MAX, ConfigDirError, DirectoryPoller, Snapshot, read_snapshot


def test_a_missing_directory_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ConfigDirError, match="No such file"):
        read_snapshot(str(tmp_path / "absent"))


def test_a_file_or_a_link_in_its_place_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    (tmp_path / "link").symlink_to(tmp_path)
    for name in ("file", "link"):
        with pytest.raises(ConfigDirError, match="not a directory"):
            read_snapshot(str(tmp_path / name))


def test_an_empty_directory_has_no_version(tmp_path: Path) -> None:
    assert read_snapshot(str(tmp_path)) == Snapshot("", {})


def test_directories_dot_files_and_fifos_are_skipped(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "key").write_text("x")
    (tmp_path / ".hidden").write_text("x")
    os.mkfifo(tmp_path / "fifo")
    assert read_snapshot(str(tmp_path)) == Snapshot("", {})


def test_version_is_a_hash_of_names_and_contents(tmp_path: Path) -> None:
    (tmp_path / "file2").write_text("data2")
    (tmp_path / "file1").write_text("data1")
    expected = hashlib.sha256(b"file1\0data1\0file2\0data2\0").hexdigest()
    assert read_snapshot(str(tmp_path)) == Snapshot(expected, {"file1": "data1", "file2": "data2"})


def test_invalid_utf8_fails_the_whole_load_and_names_the_file(tmp_path: Path) -> None:
    (tmp_path / "good").write_text("x")
    (tmp_path / "bad").write_bytes(b"\xff\xfe")
    with pytest.raises(ConfigDirError, match="bad: not UTF-8"):
        read_snapshot(str(tmp_path))


def test_a_file_larger_than_any_configmap_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "big").write_bytes(b"x" * (SIZE_MAX + 1))
    with pytest.raises(ConfigDirError, match="exceed"):
        read_snapshot(str(tmp_path))


def _mount(path: Path, version: str, data: dict[str, str]) -> None:
    """Write a ConfigMap as the kubelet does: a new directory, then one rename of `..data`."""
    (path / version).mkdir()
    for name, text in data.items():
        (path / version / name).write_text(text)
        if not (path / name).is_symlink():
            (path / name).symlink_to(f"..data/{name}")
    (path / "..data_tmp").symlink_to(version)
    (path / "..data_tmp").rename(path / "..data")


def test_a_mounted_configmap_is_read_through_its_links(tmp_path: Path) -> None:
    _mount(tmp_path, "..2026_01", {"a": "old", "b": "old"})
    assert read_snapshot(str(tmp_path)).data == {"a": "old", "b": "old"}
    _mount(tmp_path, "..2026_02", {"a": "new", "b": "new"})
    assert read_snapshot(str(tmp_path)).data == {"a": "new", "b": "new"}


def test_poller_gives_what_has_changed_once_a_period(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("one")
    poller = DirectoryPoller(str(tmp_path), period_s=10.0)
    first = poller.poll(100.0)
    assert first is not None and first.data == {"key": "one"}
    (tmp_path / "key").write_text("two")
    assert poller.poll(109.0) is None  # before the period has passed
    second = poller.poll(110.0)
    assert second is not None and second.data == {"key": "two"}
    assert second.version != first.version
    assert poller.poll(120.0) is None  # unchanged


def test_poller_gives_an_empty_directory_once(tmp_path: Path) -> None:
    poller = DirectoryPoller(str(tmp_path), period_s=1.0)
    assert poller.poll(0.0) == Snapshot("", {})
    assert poller.poll(1.0) is None


def test_poller_tells_each_trouble_once_and_recovers(tmp_path: Path) -> None:
    (tmp_path / "key").write_bytes(b"\xff")
    poller = DirectoryPoller(str(tmp_path), period_s=1.0)
    with pytest.raises(ConfigDirError):
        poller.poll(0.0)
    assert poller.poll(1.0) is None
    (tmp_path / "key").write_text("good")
    snapshot = poller.poll(2.0)
    assert snapshot is not None and snapshot.data == {"key": "good"}
    (tmp_path / "key").write_bytes(b"\xff")
    with pytest.raises(ConfigDirError):
        poller.poll(3.0)
