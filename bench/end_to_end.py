#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""How fast and how large the real processes are: sandbox -> worker -> coordinator -> store, beside the raw libraries.

    bench/end_to_end.py BUILD_FOLDER [--rows 3000000] [--windows 6] [--profile] [--keep]

All of it runs on this machine at once, the made-up API included, so the processor seconds of each process stand
beside the rate, and what a synced write costs on this disk. The source's limit is set to the highest that a
configuration may name, 60,000 requests a minute. --profile (Debian's linux-perf) shows where the processor time goes.
PENSTOCK_BENCH_DIR chooses the disk.
"""
import argparse
import json
import os
import statistics
import subprocess
import sys
import time
import urllib.request

from processes import Bench, run, verdict

ROWS_PER_CONVERSATION = 28.7  # the published mix: itself, 4 interactions, 2.7 plugin calls, 21 plugin resources
DAYS = 30
DAYS_SERVED = 28.2  # of these: the youngest are not published yet
PER_MINUTE = 60000
RAW_PAGES = {"conversations": 5, "interactions": 20, "plugin-calls": 13, "plugin-resources": 102}  # that mix
GOAL_RATE, GOAL_WORKER_MIB, GOAL_COORDINATOR_MIB = 60000, 96, 256


def sync_milliseconds(folder):
    """Median of 100 appends of 4 KiB, each synced: what every commit waits for, once and a little."""
    times = []
    with open(os.path.join(folder, "sync"), "wb", buffering=0) as file:
        for _ in range(100):
            file.write(os.urandom(4096))
            begin = time.monotonic()
            os.fdatasync(file.fileno())
            times.append(time.monotonic() - begin)
    return statistics.median(times) * 1000


class EndToEnd(Bench):
    def run(self):
        conversations = max(1, round(self.options.rows / DAYS_SERVED / ROWS_PER_CONVERSATION))
        sandbox = self.start("penstock-sandbox", "--listen", "127.0.0.1:0", "--rpm", "0", "--synthetic",
                             f"days={DAYS},users=5000,seed=1,conversations={conversations}")
        url = sandbox.wait_for(r"listening on (\S+)")
        raw = self.raw_figures(url)
        self.configure(url)
        coordinator = self.start("penstock-coordinator", "--config", self.path("penstock.yaml"), "--listen",
                                 "127.0.0.1:0")
        self.coordinator_at = "127.0.0.1:" + coordinator.wait_for(r"listening on port (\d+)")
        for process in self.processes:
            process.look()
        before = {process.name: process.cpu_seconds() for process in self.processes}
        job = self.penstock("backfill", "create")
        begin = time.monotonic()
        worker = self.start("penstock-worker", "--config", self.path("penstock.yaml"), "--coordinator",
                            self.coordinator_at, "--load", "0", "--fetch", str(self.options.windows))
        job, seconds = self.follow(job["number"], begin)
        for process in self.processes:
            process.look()
        return {"job": job, "seconds": seconds, "raw": raw, "worker": worker, "coordinator": coordinator,
                "sync": sync_milliseconds(self.folder),
                "cpu": {process.name: process.cpu_seconds() - before.get(process.name, 0)
                        for process in self.processes}}

    def configure(self, url):
        secret = self.secret("api-key")
        with open(self.path("penstock.yaml"), "w", encoding="utf-8") as file:
            file.write(f"""version: 1
state: {self.path("state")}
sources:
  bench:
    url: {url}
    auth: {{type: api_key, api_key_file: {secret}}}
    budget: {{per_minute: {PER_MINUTE}, users_per_minute: {PER_MINUTE}}}
""")

    def follow(self, number, begin):
        shown = 0
        while True:
            job = self.penstock("jobs", "show", number)
            seconds = time.monotonic() - begin
            for process in self.processes:
                process.look()
            if job["state"] == "done":
                print(f"\r{'':60}\r", end="", file=sys.stderr)
                return job, self.finished(job, seconds)
            if any(process.child.poll() is not None for process in self.processes):
                sys.exit("a process ended early; its log is in " + self.folder)
            if sys.stderr.isatty() or seconds - shown > 10:
                shown = seconds
                print(f"\r{job['counts']['fetched']:>12,} rows {seconds:6.1f} s", end="", file=sys.stderr, flush=True)
            time.sleep(0.25)

    @staticmethod
    def finished(job, seconds):
        """The coordinator's own stamps are exact; ours are late by up to one look."""
        def second(text):
            hours, minutes, rest = text.split("T")[1].rstrip("Z").split(":")
            return int(hours) * 3600 + int(minutes) * 60 + float(rest)
        exact = (second(job["finished"]) - second(job["created"])) % 86400
        return exact if abs(exact - seconds) < 5 else seconds

    def raw_figures(self, url):
        files = []
        for endpoint, count in RAW_PAGES.items():
            link = f"{url}/{endpoint}"
            for page in range(count):
                if not link:
                    break
                with urllib.request.urlopen(link) as answer:
                    body = answer.read()
                link = json.loads(body).get("@odata.nextLink")
                files.append(self.path(f"{endpoint}-{page}.json"))
                with open(files[-1], "wb") as file:
                    file.write(body)
        command = [os.path.join(self.options.build, "bench", "raw_pages"), "--benchmark_format=json", *files]
        environment = dict(os.environ, TMPDIR=self.folder)
        answer = json.loads(subprocess.run(command, check=True, capture_output=True, env=environment).stdout)
        return {figure["name"].split("/")[0]: figure["rows/s"] for figure in answer["benchmarks"]}


def show(result):
    job, seconds, raw = result["job"], result["seconds"], result["raw"]
    rows = int(job["counts"]["inserted"])
    rate = rows / seconds
    print(f"{rows:,} rows, {int(job['pages']):,} pages in {seconds:.1f} s on {os.cpu_count()} cores, the API's own work included")
    print()
    print(f"  {'rows/s':>12}")
    print(f"  {rate:12,.0f}  end to end into the store   (goal {GOAL_RATE:,}: {verdict(rate >= GOAL_RATE)})")
    print(f"  {raw['RawSimdjson']:12,.0f}  simdjson alone, one core    ({rate / raw['RawSimdjson']:.1%} of it)")
    print(f"  {raw['RawRocksDb']:12,.0f}  RocksDB alone, a synced batch a page ({rate / raw['RawRocksDb']:.0%} of it)")
    print()
    print(f"  {'process':22}{'cpu s':>8}{'us/row':>8}{'peak MiB':>10}")
    goals = {"penstock-worker": GOAL_WORKER_MIB, "penstock-coordinator": GOAL_COORDINATOR_MIB}
    peaks = {"penstock-worker": result["worker"], "penstock-coordinator": result["coordinator"]}
    for name, cpu in result["cpu"].items():
        line = f"  {name:22}{cpu:8.1f}{cpu / rows * 1e6:8.1f}"
        if name in peaks:
            mib = peaks[name].peak_kib / 1024
            line += f"{mib:10.0f}  (goal under {goals[name]}: {verdict(mib < goals[name])})"
        print(line)
    pages_per_minute = int(job["pages"]) / seconds * 60
    cpu = sum(result["cpu"].values())
    print(f"\n  {cpu / seconds:.1f} of {os.cpu_count()} cores busy with it; a page needs two synced writes in a row, "
          f"one takes {result['sync']:.1f} ms here")
    print(f"  {pages_per_minute:,.0f} requests/min of the {PER_MINUTE:,} that the budget allows at most")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("build")
    parser.add_argument("--rows", type=int, default=3_000_000)
    parser.add_argument("--windows", type=int, default=6, help="windows that the worker reads at once")
    parser.add_argument("--profile", action="store_true", help="show where the time goes (slows it a little)")
    parser.add_argument("--keep", action="store_true", help="leave the folder with state and logs")
    options = parser.parse_args()
    run(EndToEnd, options, show)


main()
