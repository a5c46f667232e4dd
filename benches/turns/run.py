#!/usr/bin/env python3
"""Times `rspp-gates run bench.profile` beside DuckDB, and checks every figure.

    python3 benches/turns/run.py                                    1 million rows, ours alone
    python3 benches/turns/run.py --rows 10m --duckdb VENV/bin/python

Makes the rows if they are not there (0.48 GB a million), builds, checks the nine figures, then
runs all programs in turn (A B C, A B C, ..), whole processes from start to exit, and prints
medians, ratios to DuckDB, CPU time and peak memory. Standard library only; DuckDB is run by the
Python that `--duckdb` names. Quote ratios of one run on a machine that does nothing else."""
import argparse, json, os, statistics, subprocess, sys, tempfile, time

HERE = os.path.dirname(os.path.abspath(__file__))
PROJECT = os.path.dirname(os.path.dirname(HERE))
# p95 open, p95 first, p95 cancel, stale, accepted, baseline, terminal, p50 total, p95 total
FIGURES = {
    "1m": "199 1052 124 45 970036 963237 939677 711 1144",
    "10m": "199 1051 124 490 9699541 9631524 9398793 711 1144",
}
ROWS = {"1m": 1_000_000, "10m": 10_000_000}


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--rows", choices=ROWS, default="1m")
    options.add_argument("--data", default=os.path.join(tempfile.gettempdir(), "rspp-gates-turns"), help="folder of the rows")
    options.add_argument("--duckdb", metavar="PYTHON", default=os.environ.get("DUCKDB_PYTHON"), help="a Python that has duckdb")
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--threads", type=int, default=2)
    options.add_argument("--cargo", default="cargo", help="the command that builds")
    options = options.parse_args()

    rows = made(options)
    binary, unhashed = built(options)
    evidence = ["--evidence", f"turns={rows}", "--threads", str(options.threads)]
    ours = [binary, "run", "bench.profile", "--policy", HERE, *evidence]
    programs = {
        "rspp-gates": [*ours, "--format", "json", "--no-timing"],
        "rspp-gates, not hashing": [unhashed, HERE, rows, str(options.threads)],
    }
    if options.duckdb:
        programs["DuckDB"] = [options.duckdb, os.path.join(HERE, "by_duckdb.py"), rows, str(options.threads)]

    right = True
    for name, command in programs.items():
        # Also the round that warms the cache of pages.
        printed = subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout.decode()
        found = figures(printed) if name == "rspp-gates" else printed.strip()
        due = f"{ROWS[options.rows]} rows, unhashed" if "not" in name else FIGURES[options.rows]
        right &= found == due
        print(f"{'right' if found == due else 'WRONG'}  {name}: {found}" + ("" if found == due else f"\n       due: {due}"))
    if not right:
        sys.exit(1)

    times = {name: [] for name in programs}
    for _ in range(options.rounds):
        for name, command in programs.items():
            times[name].append(timed(command))
    base = statistics.median(wall for wall, _, _ in times["DuckDB"]) if options.duckdb else None
    print(f"\n{cpu()}, {options.threads} threads, {options.rows} rows ({os.path.getsize(rows) / 1e9:.1f} GB), {time.strftime('%Y-%m-%d')}")
    print("| program | each run, s | median, s | of DuckDB's time | CPU, s | peak memory, MiB |\n| --- | --- | --- | --- | --- | --- |")
    for name, runs in times.items():
        walls = [wall for wall, _, _ in runs]
        median = statistics.median(walls)
        ratio = f"{median / base:.2f}" if base else ""
        used = statistics.median(used for _, used, _ in runs)
        peak = max(peak for _, _, peak in runs) / 1024
        print(f"| {name} | {' '.join(f'{w:.2f}' for w in walls)} | {median:.2f} | {ratio} | {used:.2f} | {peak:.0f} |")


def made(options):
    """The file of rows, made once."""
    os.makedirs(options.data, exist_ok=True)
    path = os.path.join(options.data, f"turns_{options.rows}.jsonl")
    if not os.path.exists(path):
        print(f"making {path}", flush=True)
        subprocess.run([sys.executable, os.path.join(HERE, "gen.py"), str(ROWS[options.rows]), path + ".part"], check=True)
        os.rename(path + ".part", path)
    return path


def built(options):
    """The command line, and the program that does not hash."""
    def executable(*arguments):
        command = [options.cargo, *arguments, "--message-format", "json"]
        printed = subprocess.run(command, cwd=PROJECT, stdout=subprocess.PIPE, check=True).stdout.decode()
        messages = [json.loads(line) for line in printed.splitlines() if line.startswith("{")]
        return [m["executable"] for m in messages if m.get("executable")][-1]
    return executable("build", "--release", "--bin", "rspp-gates"), executable("bench", "--no-run", "--bench", "measure")


def figures(report):
    """The nine figures of a report, times in ms."""
    gates = {gate["gate_id"]: gate["metrics"] for gate in json.loads(report)["gates"]}
    asked = [("open", "p95"), ("first", "p95"), ("cancel", "p95"), ("counts", "stale"), ("counts", "accepted"),
             ("counts", "baseline"), ("counts", "terminal"), ("total", "p50"), ("total", "p95")]
    values = [gates[f"bench.{gate}"][metric]["value"] for gate, metric in asked]
    return " ".join(str(v["num"] // 1_000_000 if v.get("unit") == "ns" else v["num"]) for v in values)


def timed(command):
    """Wall time, CPU time and peak memory (KiB) of a process. Linux and macOS count memory of the
    process that forked as well, so `time` is put between where it is there."""
    report = tempfile.NamedTemporaryFile()
    between = ["/usr/bin/time", "-f", "%M", "-o", report.name] if os.path.exists("/usr/bin/time") else []
    start = time.perf_counter()
    process = subprocess.Popen([*between, *command], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - start
    process.returncode = status
    if status:
        sys.exit(f"{command} ended with {status}")
    peak = int(open(report.name).read().split()[-1]) if between else usage.ru_maxrss
    return wall, usage.ru_utime + usage.ru_stime, peak


def cpu():
    try:
        with open("/proc/cpuinfo") as lines:
            return next(line.split(":")[1].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        return "unknown CPU"


main()
