"""Run as a process: promises jobs as a page does, and prints how long each took."""

from __future__ import annotations

import json
import sys
import time


def main(slug: str, first: int, count: int, what: str) -> None:
    import django

    django.setup()
    from finsam.associations.models import Association
    from finsam.jobs.promise import promise
    from tests.races.test_killed_packets import promise_packets

    association = Association.objects.get(slug=slug)
    seconds: list[float] = []
    for number in range(first, first + count):
        began = time.monotonic()
        if what == "packet":
            promise_packets(association, 1, first=number)
        else:
            promise(
                association=association,
                kind=what,
                key=f"trial:{number}",
                arguments={"number": number, "milliseconds": 0},
            )
        seconds.append(time.monotonic() - began)
    sys.stdout.write(json.dumps(seconds))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4])
