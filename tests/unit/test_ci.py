"""What CI does on a machine that lacks some of the parts."""

import shutil
import subprocess
from pathlib import Path

import pytest

RUN = Path(__file__).parents[2] / ".ci" / "run"
PROGRAMS = ("apt-get", "make", "python3", "java", "mvn", "pg_ctl")


@pytest.mark.parametrize(
    ("absent", "installed"),
    [
        ((), None),
        (("java",), "default-jre-headless"),
        (("mvn",), "maven"),
        (("java", "mvn"), "default-jre-headless maven"),
        (("font",), "fonts-wqy-microhei"),
    ],
)
def test_what_is_missing_is_installed_and_nothing_else(
    tmp_path: Path, absent: tuple[str, ...], installed: str | None
) -> None:
    """A machine with PostgreSQL but no Java must not fail, nor one with everything ask for packages."""
    for name in ("bash", "dirname"):
        (tmp_path / name).symlink_to(str(shutil.which(name)))
    for name in set(PROGRAMS) - set(absent):
        program = tmp_path / name
        program.write_text(f'#!{tmp_path}/bash\necho "{name} $* CI=$CI" >> {tmp_path}/calls\n')
        program.chmod(0o755)
    font = tmp_path / "fonts" / "truetype" / "wqy" / "wqy-microhei.ttc"
    font.parent.mkdir(parents=True)
    if "font" not in absent:
        font.touch()
    environment = {"PATH": str(tmp_path), "FONTS": str(tmp_path / "fonts")}
    subprocess.run([str(tmp_path / "bash"), str(RUN)], env=environment, check=True)
    calls = (tmp_path / "calls").read_text().splitlines()
    assert calls[-1] == "make test CI=true"
    asked = [call for call in calls if call.startswith("apt-get")]
    expected = ["update -qq", f"install -y -qq {installed}"] if installed else []
    assert asked == [f"apt-get {words} CI=true" for words in expected]
