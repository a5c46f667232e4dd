#!/usr/bin/env python3
"""The whole program from process start to exit: how soon it answers, and how it grows with a policy.

usage: processes.py start BINARY            from the root of the repository
       processes.py policies BINARY FOLDER  with policies of FOLDER/GATES in it; `cargo bench --bench write` makes them

Prints tables in Markdown, with the load of the machine: on a busy one the CPU time is what to look at, and
ratios are of it."""
import os, statistics, sys, tempfile, time

SMALL_GATE = """policy small { language 1 }
evidence calls {
  path    "calls.jsonl"
  source  recorded
  fresh   any
  row { id : string key  took : duration(ms)  accepted : bool }
}
gate small.latency {
  stage      ci
  scope      calls where accepted
  metric     p95(took)
  threshold  <= 120ms
  when empty fail
}
"""


def once(command):
    """Wall seconds, CPU seconds, peak MiB and exit code of one process."""
    begin = time.perf_counter()
    pid = os.fork()
    if pid == 0:
        nothing = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nothing, 1)
        os.dup2(nothing, 2)
        os.execv(command[0], command)
    _, status, used = os.wait4(pid, 0)
    wall = time.perf_counter() - begin
    return wall, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024, os.waitstatus_to_exitcode(status)


def row(what, command, runs, due):
    found = [once(command) for _ in range(runs)]
    wrong = [code for *_, code in found if code != due]
    if wrong:
        sys.exit(f"{what}: exit code {wrong[0]} instead of {due}: {' '.join(command)}")
    wall = sorted(f[0] * 1000 for f in found)
    middle = statistics.median(wall)
    cpu = statistics.median(f[1] * 1000 for f in found)
    peak = max(f[2] for f in found)
    print(f"| {what} | {middle:.1f} | {wall[0]:.1f} | {cpu:.1f} | {peak:.0f} | {runs} |", flush=True)
    return cpu


def head():
    print(f"load of the machine: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores\n")
    print("| what | median ms | least ms | CPU ms | peak MiB | runs |\n| --- | ---: | ---: | ---: | ---: | ---: |")


def start(binary):
    with tempfile.TemporaryDirectory() as folder:
        for path, text in [
            ("gates/small.gate", SMALL_GATE),
            ("profiles/ci.profile", "profile ci { stage ci }\n"),
            ("calls.jsonl", "".join(f'{{"id":"c{i}","took":{i},"accepted":true}}\n' for i in range(100))),
        ]:
            path = os.path.join(folder, path)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "w") as file:
                file.write(text)
        head()
        nothing = row("`--version`", [binary, "--version"], 61, 0)
        small = row("a small policy, 100 rows", [binary, "run", "ci", "--policy", folder], 61, 0)
        report = os.path.join(folder, "report.json")
        row("the same, with a JSON report", [binary, "run", "ci", "--policy", folder, "--report", f"json={report}"], 61, 0)
    shipped = row("the shipped policy, `run mvp.profile`", [binary, "run", "mvp.profile"], 61, 0)
    row("the shipped policy, `check`", [binary, "check"], 61, 0)
    print(f"\nCPU, small / nothing {small / nothing:.1f}, shipped / nothing {shipped / nothing:.1f}")


def policies(binary, folder):
    head()
    before = None
    ratios = []
    for gates in sorted(int(name) for name in os.listdir(folder) if name.isdigit()):
        root = os.path.join(folder, str(gates))
        took = row(f"`check`, {gates:,} gates", [binary, "check", "--policy", root], 5, 0)
        # There is no evidence: every gate is judged an error, and everything else is done.
        row(f"`run release`, {gates:,} gates", [binary, "run", "release", "--policy", root], 3, 3)
        if before:
            ratios.append(f"{gates:,} / {before[0]:,} gates: {took / before[1]:.2f}")
        before = (gates, took)
    print("\nCPU of `check`, " + ", ".join(ratios))


if len(sys.argv) == 3 and sys.argv[1] == "start":
    start(sys.argv[2])
elif len(sys.argv) == 4 and sys.argv[1] == "policies":
    policies(sys.argv[2], sys.argv[3])
else:
    sys.exit(__doc__)
