"""Which extra configuration is worth a warning."""

from __future__ import annotations

import pytest

from roost.spec import ConfigPart, PoolSpec, config_warnings
from roost.spec.knobs import assignments


def warnings_of(text: str) -> tuple[str, ...]:
    return config_warnings(PoolSpec(config=(ConfigPart("site.config", text),)))


@pytest.mark.parametrize(
    "line",
    [
        "SEC_DEFAULT_ENCRYPTION = OPTIONAL",
        "allow_write=*",
        "SCHEDD.ALLOW_READ = *",
        "DENY_READ @=end",
        "use SECURITY : Strong",
        "TRUST_DOMAIN = other",
        "UID_DOMAIN = other",
        "DAEMON_LIST = MASTER",
        "COLLECTOR_HOST = elsewhere",
        "STARTD_NAME = me",
        "USE_SHARED_PORT = False",
        "SLOT1_USER = nobody",
        "SUBMIT_REQUIREMENT_NAMES = Mine",
        "START_LOCAL_UNIVERSE = True",
        "SCHEDD_ARGS = -f",
    ],
)
def test_settings_that_weaken_the_pool_are_told(line: str) -> None:
    (warning,) = warnings_of(f"# first line\n{line}\n@end\n")
    assert warning.startswith("site.config, line 2: ")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "# SEC_DEFAULT_ENCRYPTION = OPTIONAL",
        "START = True",
        "MY_SEC_NOTE = x",
        "EXTRA = one \\\nALLOW_WRITE = two",
        "JOBS @=end\nALLOW_WRITE = *\n@end",
        "use FEATURE : GPUs",
        "if defined SEC_X\nendif",
    ],
)
def test_other_settings_are_not(text: str) -> None:
    assert warnings_of(text) == ()


def test_reading_goes_on_after_a_continued_line_and_a_heredoc() -> None:
    text = "A = 1 \\\n 2\nB @=x\nC = 3\n@x\nd = 4\n"
    assert list(assignments(ConfigPart("f", text))) == [(1, "A"), (3, "B"), (6, "D")]
