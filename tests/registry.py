"""Judges that come by npm: fetched for one run, kept nowhere."""

import os
import shutil
import subprocess
import tarfile
from pathlib import Path

import pytest


def npm_file(package: str, member: str, folder: Path) -> bytes:
    """Return one file of an npm package; the test is skipped where npm or its registry is out of reach."""
    npm = shutil.which("npm")
    if npm is None:
        pytest.skip(f"{package} comes by npm, which is not installed")
    environment = {**os.environ, "npm_config_cache": str(folder / "cache"), "npm_config_update_notifier": "false"}
    try:
        command = [npm, "pack", package, "--silent"]
        subprocess.run(command, cwd=folder, env=environment, check=True, timeout=60, capture_output=True)
    except (subprocess.SubprocessError, OSError) as error:
        pytest.skip(f"the npm registry cannot be reached for {package}: {type(error).__name__}")
    with tarfile.open(next(folder.glob("*.tgz"))) as archive:
        return archive.extractfile(f"package/{member}").read()
