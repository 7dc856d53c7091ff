"""Run as a process: promises jobs as a page does, and prints how long each took."""

from __future__ import annotations

import json
import sys
import time


def main(slug: str, first: int, count: int) -> None:
    import django

    django.setup()
    from finsam.associations.models import Association
    from finsam.jobs.promise import promise

    association = Association.objects.get(slug=slug)
    seconds: list[float] = []
    for number in range(first, first + count):
        began = time.monotonic()
        promise(
            association=association,
            kind="receipt",
            key=f"trial:{number}",
            arguments={"number": number, "milliseconds": 0},
        )
        seconds.append(time.monotonic() - began)
    sys.stdout.write(json.dumps(seconds))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
