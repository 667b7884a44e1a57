import importlib.util
import stat
from pathlib import Path

import pytest

from roost import contract
from roost.images.recipes import prepare


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "etc").mkdir()
    for name in ("passwd", "group", "shadow", "gshadow"):
        (tmp_path / "etc" / name).write_text(f"root:of:{name}\n")
    return tmp_path


def fields(root: Path, name: str) -> dict[str, list[str]]:
    lines = (root / "etc" / name).read_text().splitlines()
    return {line.split(":")[0]: line.split(":") for line in lines}


def test_every_slot_has_an_account_of_its_own() -> None:
    uids = {account.name: account.uid for account in prepare.ACCOUNTS}
    assert uids[contract.slot_account(1)] == contract.SLOT_ACCOUNT_FIRST_UID
    assert contract.slot_account(contract.MAX_CPUS_PER_EXECUTOR) in uids
    assert len(set(uids.values())) == len(uids) == contract.MAX_CPUS_PER_EXECUTOR + 1
    assert uids[contract.JOB_OWNER] == contract.JOB_OWNER_UID


def test_accounts_are_added_to_all_four_files(root: Path) -> None:
    prepare.add_accounts(root, prepare.ACCOUNTS)
    slot = contract.slot_account(3)
    uid = str(contract.SLOT_ACCOUNT_FIRST_UID + 2)
    assert fields(root, "passwd")[slot][2:] == [uid, uid, "", "/", "/bin/sh"]
    assert fields(root, "group")[slot] == [slot, "x", uid, ""]
    assert fields(root, "shadow")[slot][1] == "!"
    assert fields(root, "gshadow")[slot] == [slot, "!", "", ""]
    assert fields(root, "passwd")["root"] == ["root", "of", "passwd"]
    assert len(fields(root, "shadow")["roost"]) == 9


def test_the_c_library_finds_accounts_in_the_volume_too(root: Path) -> None:
    switch = root / "etc/nsswitch.conf"
    switch.write_text(
        "passwd:         files\ngroup:          files extrausers\nshadow:         files\n"
    )
    prepare.look_for_users(root)
    assert switch.read_text().splitlines() == [
        "passwd:         files extrausers",
        "group:          files extrausers",
        "shadow:         files",
    ]
    for name in contract.USERS_FILES:
        link = root / contract.EXTRAUSERS_DIR.lstrip("/") / name
        assert str(link.readlink()) == f"{contract.USERS_DIR}/{name}"
    directory = next(one for one in prepare.DIRECTORIES if one.path == contract.USERS_DIR)
    assert (directory.uid, directory.mode) == (0, 0o755)


def test_secrets_are_for_root_alone_and_jobs_for_their_owner() -> None:
    directories = {one.path: one for one in prepare.DIRECTORIES}
    for path in (contract.KEYS_DIR, contract.TOKENS_DIR):
        assert (directories[path].mode, directories[path].uid) == (0o700, 0)
    assert directories[contract.STATE_DIR].uid == 0
    jobs = directories[contract.JOBS_DIR]
    assert (jobs.mode, jobs.uid) == (0o700, contract.JOB_OWNER_UID)
    for path in (contract.SPOOL_DIR, contract.EXECUTE_DIR, contract.LOG_DIR):
        assert directories[path].uid == contract.CONDOR_UID
    for path in (contract.SPOOL_DIR, contract.LOG_DIR):
        assert directories[path].mode & 0o006 == 0, "nobody lists it"
        assert directories[path].gid == 0, "root reads it without a capability"


def test_root_and_the_daemons_write_to_the_runtime_directory_without_capabilities() -> None:
    directories = {one.path: one for one in prepare.DIRECTORIES}
    locks = directories[contract.CONDOR_RUN_DIR]
    assert (locks.uid, locks.gid, locks.mode) == (0, contract.CONDOR_GID, 0o775)


def test_the_image_points_htcondor_to_what_each_start_writes(root: Path) -> None:
    prepare.write_config_entry(root)
    entry = root / contract.CONFIG_ENTRY.lstrip("/")
    assert entry.read_text() == f"include ifexist : {contract.CONFIG_FILE}\n"
    assert stat.S_IMODE(entry.stat().st_mode) == 0o644


def test_directories_get_owner_and_mode_also_where_they_are(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    owners: dict[Path, tuple[int, int]] = {}
    monkeypatch.setattr("os.chown", lambda path, uid, gid: owners.update({path: (uid, gid)}))
    (root / "var/lib/condor").mkdir(parents=True, mode=0o777)
    prepare.make_directories(root, prepare.DIRECTORIES)
    for one in prepare.DIRECTORIES:
        path = root / one.path.lstrip("/")
        assert stat.S_IMODE(path.stat().st_mode) == one.mode
        assert owners[path] == (one.uid, one.gid)


def test_bytecode_is_not_checked_against_the_source(tmp_path: Path) -> None:
    source = tmp_path / "module.py"
    source.write_text("x = 1\n")
    prepare.compile_program(tmp_path)
    compiled = Path(importlib.util.cache_from_source(str(source))).read_bytes()
    # PEP 552: bit 0 says "by hash", bit 1 "check it".
    assert int.from_bytes(compiled[4:8], "little") == 0b01
