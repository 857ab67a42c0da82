"""Judges Autobahn reports: prints every case that is not plainly OK and exits with 1 if there is one."""

import json
import sys

ACCEPTED = {"OK", "INFORMATIONAL", "NON-STRICT"}


def judge(path):
    with open(path) as report:
        (agent, cases), = json.load(report).items()
    failures = 0
    for case, verdict in sorted(cases.items()):
        behaviour, close = verdict["behavior"], verdict["behaviorClose"]
        if behaviour in ACCEPTED and close in ACCEPTED:
            continue
        print(f"{path}: case {case}: {behaviour}, close {close}")
        failures += 1
    print(f"{path}: {len(cases)} cases, {failures} failures")
    return failures


sys.exit(1 if sum(judge(path) for path in sys.argv[1:]) else 0)
