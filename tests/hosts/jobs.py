"""Jobs through HTCondor's own tools on a submit node, which any container of one has."""

from __future__ import annotations

from roost.waiting import wait_for
from tests.hosts.host import Host

PATIENCE_S = 120.0


def run_jobs(host: Host, submit: str, count: int) -> set[str]:
    """Run jobs from a container of the submit node; the host names that they ran on.

    Waits until the schedd takes them, as a person would after a restart.
    """
    place = f"/tmp/jobs-{count}"
    lines = (
        "executable = /bin/sh",
        "transfer_executable = false",
        "arguments = \"-c 'cat in; hostname'\"",
        "transfer_input_files = in",
        "output = out.$(Process)",
        "log = log",
        f"queue {count}",
    )
    inside = [host.program, "exec", "-iu", "roost", submit, "sh", "-c"]
    files = f"mkdir -p {place} && cd {place} && rm -f out.* log && echo hello > in && cat > job.sub"
    script = f"{files} && condor_submit job.sub"

    def taken() -> bool | None:
        return host.run(*inside, script, input="\n".join(lines)).returncode == 0 or None

    wait_for("the schedd takes jobs", taken, timeout_s=PATIENCE_S)
    waited = host.run(*inside, f"condor_wait -wait {PATIENCE_S:.0f} {place}/log")
    assert waited.returncode == 0, host.docker("exec", submit, "condor_q", "-better-analyze")
    outputs = host.docker("exec", submit, "sh", "-c", f"cat {place}/out.*").split()
    assert outputs.count("hello") == count
    return set(outputs) - {"hello"}
