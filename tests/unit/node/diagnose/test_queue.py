"""What is waited for, and held, by kind."""

from __future__ import annotations

from roost.node.diagnose.jobs import group_disconnected, group_held, read_quotas, read_users


def held(process: int, reason: str, code: int = 13) -> dict[str, object]:
    return {"ClusterId": 3, "ProcId": process, "HoldReason": reason, "HoldReasonCode": code}


def test_holds_that_tell_the_same_are_one() -> None:
    jobs = [held(n, f"slot1_{n}: cannot open\n input.{n}") for n in range(9)]
    same, other = group_held([*jobs, held(9, "by hand", 1)])
    assert (same.count, same.code) == (9, 13)
    assert same.jobs == ("3.0", "3.1", "3.2", "3.3", "3.4")
    assert same.reason == "slot1_0: cannot open input.0"
    assert other.jobs == ("3.9",)


ACCOUNTS = [
    {"Name": "ann@lab.pool", "Priority": 5.0, "IsAccountingGroup": False},
    {"Name": "<none>", "IsAccountingGroup": True, "EffectiveQuota": 2.0},
    {
        "Name": "small", "IsAccountingGroup": True, "EffectiveQuota": 1.0,
        "WeightedResourcesUsed": 1.0, "SurplusPolicy": "no",
    },
]  # fmt: skip


def test_users() -> None:
    bob, ann = read_users(ACCOUNTS, {"bob@lab.pool": 2})
    assert (bob.name, bob.slots, bob.priority) == ("bob@lab.pool", 2, 0.0)
    assert (ann.name, ann.slots, ann.priority) == ("ann@lab.pool", 0, 5.0)


def test_quotas() -> None:
    (quota,) = read_quotas(ACCOUNTS)
    assert (quota.group, quota.most, quota.used, quota.surplus) == ("small", 1.0, 1.0, False)


def test_jobs_out_of_reach_are_told_by_executor() -> None:
    def running(process: int, node: str, **ad: object) -> dict[str, object]:
        host = {"RemoteHost": f"slot1_{process}@{node}.lab.pool", "JobLeaseDuration": 2400}
        return {"ClusterId": 4, "ProcId": process, "ShadowBday": 900, **host, **ad}

    out = {"JobCurrentReconnectAttempt": 2}
    jobs = [
        running(0, "e1", **out, JobDisconnectedDate=1000),
        running(1, "e1", **out, JobDisconnectedDate=940),
        running(2, "e2", **out),
        running(3, "e2"),
    ]
    one, two = group_disconnected(jobs, now=1060.0)
    assert (one.machine, one.jobs, one.count) == ("e1.lab.pool", ("4.0", "4.1"), 2)
    assert (one.silent_s, one.left_s) == (120, 2280)
    assert (two.jobs, two.silent_s) == (("4.2",), 160)
