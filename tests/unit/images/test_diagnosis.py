import pytest

from roost.images.diagnosis import explain


@pytest.mark.parametrize(
    ("log", "said", "mend"),
    [
        ("E: Write error - write (28: No space left on device)", "disk is full", "room"),
        (
            "E: Release file for http://m.example/InRelease is expired (invalid since 1d)",
            "out of date",
            "--allow-expired-release",
        ),
        (
            "W: GPG error: signatures couldn't be verified: NO_PUBKEY 78DBA3BC47EF2265",
            "signature",
            "debian-archive-keyring",
        ),
        (
            "E: Failed to fetch http://m.example/InRelease  Could not connect to m.example:80",
            "could not be reached",
            "network",
        ),
        (
            "E: Failed to fetch http://m.example/x.deb  Hash Sum mismatch",
            "not what its signed index names",
            "build again",
        ),
        ("  Could not resolve 'm.example'", "could not be reached", "network"),
        ("E: Unable to locate package nosuch", "does not exist in this suite: nosuch", "name"),
        (
            "E: Package 'libfoo' has no installation candidate",
            "does not exist in this suite: libfoo",
            "name",
        ),
        (
            "ERROR: No matching distribution found for nosuch==9",
            "no such package: nosuch==9",
            "index",
        ),
        ("E: unable to pick chroot mode automatically", "may not make", "uidmap"),
    ],
)
def test_known_causes(log: str, said: str, mend: str) -> None:
    error = explain("the image x", f"Get:1 something\n{log}\nE: the last line\n")
    assert error.message.startswith("the image x: ")
    assert said in error.message
    assert mend in (error.hint or "")
    assert log.strip() in error.log_tail


def test_an_unknown_cause_quotes_the_last_error() -> None:
    error = explain("the image x", "E: one\nE: two\nlast words\n", otherwise="look there")
    assert error.message == "the image x could not be built: E: two"
    assert error.hint == "look there"


def test_without_an_error_the_last_line_is_quoted() -> None:
    assert explain("it", "one\nlast words\n").message == "it could not be built: last words"


def test_an_empty_log() -> None:
    error = explain("it", "")
    assert (error.message, error.hint, error.log_tail) == ("it could not be built", None, "")


def test_colours_are_taken_out() -> None:
    assert explain("it", "\x1b[91mE: red\x1b[0m").log_tail == "E: red"
