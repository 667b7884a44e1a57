from pathlib import Path

import pytest

from roost.errors import ImageBuildError
from roost.images.space import ensure_temporary_space


def test_enough_room_is_no_error() -> None:
    ensure_temporary_space(1)


def test_too_little_room_names_the_directory_and_the_mend(temporary_files: Path) -> None:
    with pytest.raises(ImageBuildError, match="MB free, and the build needs") as caught:
        ensure_temporary_space(10**18)
    assert str(temporary_files) in caught.value.message
    assert "TMPDIR" in (caught.value.hint or "")
