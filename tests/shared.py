"""Where a checkout finds the optional folder of real data that lies beside it."""

import os
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent


def shared(*parts: str) -> Path | None:
    """Return the path of *parts* in the shared folder, None where it is not there.

    The folder is ``DIGEST_SHARED``, else ``../shared`` beside the repository. A test on its data
    is only collected when this returns a path; nothing of it is copied into the project.
    """
    root = Path(os.environ.get("DIGEST_SHARED") or REPOSITORY.parent / "shared")
    path = root.joinpath(*parts)
    return path if path.exists() else None
