"""Judges Autobahn reports: prints what is not plainly OK and exits with 1 for anything beyond what is documented.

Documented for libwebsockets 4.1.6: 2.10 and 2.11 fail, because it answers only the last of a burst of pings, which
RFC 6455 section 5.5.3 allows.
"""

import json
import sys

DOCUMENTED = {"2.10", "2.11"}
ACCEPTED = {"OK", "INFORMATIONAL", "NON-STRICT"}


def judge(path):
    with open(path) as report:
        (agent, cases), = json.load(report).items()
    failures = 0
    for case, verdict in sorted(cases.items()):
        behaviour, close = verdict["behavior"], verdict["behaviorClose"]
        if behaviour in ACCEPTED and close in ACCEPTED:
            continue
        documented = case in DOCUMENTED or behaviour in ACCEPTED
        print(f"{path}: case {case}: {behaviour}, close {close}{' (documented)' if documented else ''}")
        failures += not documented
    print(f"{path}: {len(cases)} cases, {failures} undocumented failures")
    return failures


sys.exit(1 if sum(judge(path) for path in sys.argv[1:]) else 0)
