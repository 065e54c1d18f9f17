#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""One coordinator with very many sources: are permits granted on time, and how much memory does it take?

    bench/many_sources.py BUILD_FOLDER [--sources 1000] [--busy 100] [--minutes 5] [--keep]

So many sources are registered, and so many of them are read whole at once, each from an API of its own that lets in 60
requests a minute and counts those beyond. All of it runs on this machine: the made-up APIs, the workers and the
coordinator, whose own histogram says how late its permits were.
"""
import argparse
import os
import re
import sys
import time
import urllib.request

from processes import Bench, run, verdict

PER_MINUTE = 60
GOAL_LATE_MS, GOAL_MIB = 50, 512
WINDOWS_PER_WORKER = 50


class ManySources(Bench):
    def run(self):
        urls = [self.sandbox(number) for number in range(self.options.busy)]
        self.configure(urls)
        coordinator = self.start("penstock-coordinator", "--config", self.path("penstock.yaml"), "--listen",
                                 "127.0.0.1:0", "--monitoring", "127.0.0.1:0")
        self.coordinator_at = "127.0.0.1:" + coordinator.wait_for(r"listening on port (\d+)")
        self.monitoring_at = "http://127.0.0.1:" + coordinator.wait_for(r"monitoring on port (\d+)") + "/metrics"
        coordinator.look()
        idle_mib = coordinator.peak_kib / 1024
        for number in range(self.options.busy):
            self.penstock("--source", f"tenant-{number}", "backfill", "create")
        for worker in range(-(-self.options.busy // WINDOWS_PER_WORKER)):
            self.start("penstock-worker", "--config", self.path("penstock.yaml"), "--coordinator", self.coordinator_at,
                       "--roles", "fetch", "--fetch", str(WINDOWS_PER_WORKER), name=f"worker-{worker}")
        time.sleep(60)  # until every source's allowance is used up once, and permits must be waited for
        before, begin = self.scrape(), time.monotonic()
        scrapes = []
        while time.monotonic() - begin < 60 * self.options.minutes:
            time.sleep(15)
            asked = time.monotonic()
            after = self.scrape()
            scrapes.append(time.monotonic() - asked)
            for process in self.processes:
                process.look()
                if process.child.poll() is not None:
                    sys.exit(f"{process.name} ended early; its log is {process.log}")
        seconds = time.monotonic() - begin
        return {"idle": idle_mib, "coordinator": coordinator, "seconds": seconds, "scrape": max(scrapes),
                "late": lateness(before, after), "refused": total(after, "penstock_source_refusals_total"),
                "granted": total(after, "penstock_permits_granted_total")
                - total(before, "penstock_permits_granted_total")}

    def profiled(self):
        return [process for process in self.processes if process.name == "penstock-coordinator"]

    def sandbox(self, number):
        process = self.start("penstock-sandbox", "--listen", "127.0.0.1:0", "--rpm", str(PER_MINUTE), "--ttfb", "200ms",
                             "--synthetic", f"days=30,users=50,seed={number + 1},conversations=200", name=f"api-{number}")
        return process.wait_for(r"listening on (\S+)")

    def configure(self, urls):
        secret = self.secret("api-key")
        with open(self.path("penstock.yaml"), "w", encoding="utf-8") as file:
            file.write(f"version: 1\nstate: {self.path('state')}\nsources:\n")
            for number in range(self.options.sources):
                url = urls[number] if number < len(urls) else f"http://127.0.0.1:9/tenant-{number}/records"
                file.write(f"  tenant-{number}:\n    url: {url}\n"
                           f"    auth: {{type: api_key, api_key_file: {secret}}}\n"
                           f"    budget: {{per_minute: {PER_MINUTE}, users_per_minute: {PER_MINUTE // 2}}}\n")

    def scrape(self):
        with urllib.request.urlopen(self.monitoring_at) as answer:
            return answer.read().decode()


def total(text, name):
    return sum(float(value) for value in re.findall(rf"^{name}(?:{{[^}}]*}})? (\S+)$", text, re.MULTILINE))


def buckets(text):
    found = re.findall(r'^penstock_permit_lateness_seconds_bucket{le="([^"]+)"} (\S+)$', text, re.MULTILINE)
    return [(float(bound), float(count)) for bound, count in found]


def lateness(before, after):
    """Of the permits between two scrapes: how many were at most so late, by bound."""
    return [(bound, late - early) for (bound, late), (_, early) in zip(buckets(after), buckets(before))]


def percentile(late, share):
    """The bound of the bucket in which it lies."""
    return next(bound for bound, count in late if count >= share * late[-1][1])


def show(result, options):
    granted, seconds = result["granted"], result["seconds"]
    late = percentile(result["late"], 0.99)
    peak = result["coordinator"].peak_kib / 1024
    print(f"{options.sources:,} sources, {options.busy} of them read at once for {seconds:.0f} s on {os.cpu_count()} cores, "
          "their APIs' own work included\n")
    print(f"  {granted:12,.0f}  permits, {granted / seconds * 60 / options.busy:.1f} a minute and source of {PER_MINUTE}")
    print(f"  {result['refused']:12,.0f}  refused by the APIs")
    for share in (0.5, 0.9, 0.99, 0.999):
        print(f"  {percentile(result['late'], share) * 1000:9,.0f} ms  late at most: {share:.1%} of the permits")
    print(f"  {'':12}  goal: 99% within {GOAL_LATE_MS} ms: {verdict(late * 1000 <= GOAL_LATE_MS)}")
    print(f"  {peak:8,.0f} MiB  the coordinator at its peak, {result['idle']:.0f} before any work "
          f"(goal under {GOAL_MIB}: {verdict(peak < GOAL_MIB)})")
    print(f"  {result['coordinator'].cpu_seconds():10.1f} s  of processor time in the coordinator")
    print(f"  {result['scrape'] * 1000:9,.0f} ms  the longest scrape of its metrics")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("build")
    parser.add_argument("--sources", type=int, default=1000)
    parser.add_argument("--busy", type=int, default=100)
    parser.add_argument("--minutes", type=float, default=5)
    parser.add_argument("--profile", action="store_true", help="show where the time goes (slows it a little)")
    parser.add_argument("--keep", action="store_true", help="leave the folder with state and logs")
    options = parser.parse_args()
    run(ManySources, options, lambda result: show(result, options))


main()
