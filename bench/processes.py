# SPDX-License-Identifier: Apache-2.0
"""The real processes, started by a benchmark and watched while they run."""
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time


class Process:
    """A child that says on its first lines where it listens, and whose use of memory and time we read as it runs."""

    def __init__(self, name, folder, command, profile):
        self.name = name
        self.log = os.path.join(folder, name + ".log")
        self.profile = os.path.join(folder, name + ".perf") if profile else None
        if profile:
            command = ["perf", "record", "-q", "-e", "cpu-clock", "-F", "199", "-o", self.profile, "--", *command]
        self.child = subprocess.Popen(command, stdout=open(self.log, "wb"), stderr=subprocess.STDOUT)
        self.peak_kib = 0
        self.ticks = 0

    def wait_for(self, pattern):
        end = time.monotonic() + 60
        while time.monotonic() < end and self.child.poll() is None:
            found = re.search(pattern, open(self.log, encoding="utf-8", errors="replace").read())
            if found:
                return found.group(1)
            time.sleep(0.02)
        sys.exit(f"{self.name} did not start:\n" + open(self.log).read())

    def pid(self):
        """perf's child, when perf stands between."""
        if not self.profile:
            return self.child.pid
        with open(f"/proc/{self.child.pid}/task/{self.child.pid}/children") as children:
            return int(children.read().split()[0])

    def look(self):
        try:
            with open(f"/proc/{self.pid()}/status") as status:
                self.peak_kib = int(re.search(r"VmHWM:\s+(\d+)", status.read()).group(1))
            with open(f"/proc/{self.pid()}/stat") as stat:
                fields = stat.read().rsplit(")", 1)[1].split()
                self.ticks = int(fields[11]) + int(fields[12])
        except (OSError, AttributeError, IndexError):
            pass  # it has ended

    def cpu_seconds(self):
        return self.ticks / os.sysconf("SC_CLK_TCK")

    def stop(self):
        if self.child.poll() is None:
            self.child.send_signal(signal.SIGTERM)
            try:
                self.child.wait(30)
            except subprocess.TimeoutExpired:
                self.child.kill()
        self.child.wait()

    def show_profile(self):
        for by, lines in (("comm", 6), ("dso", 8), ("symbol", 16)):
            report = subprocess.run(["perf", "report", "-i", self.profile, "--stdio", "--no-children", "--sort", by],
                                    capture_output=True, text=True).stdout.splitlines()
            print(f"\n{self.name} by {by}")
            for line in [line for line in report if line.strip() and not line.startswith("#")][:lines]:
                print("  " + line.strip()[:100])


class Bench:
    """Processes of one build folder, with their files in one folder."""

    def __init__(self, options, folder):
        self.options = options
        self.folder = folder
        self.bin = os.path.join(options.build, "bin")
        self.processes = []

    def start(self, program, *arguments, name=None):
        process = Process(name or program, self.folder, [os.path.join(self.bin, program), *arguments],
                          self.options.profile)
        self.processes.append(process)
        return process

    def path(self, name):
        return os.path.join(self.folder, name)

    def secret(self, name):
        with open(os.open(self.path(name), os.O_CREAT | os.O_WRONLY, 0o400), "w") as file:
            file.write("bench")
        return self.path(name)

    def penstock(self, *arguments):
        command = [os.path.join(self.bin, "penstock"), "--coordinator", self.coordinator_at, "--output", "json"]
        return json.loads(subprocess.run([*command, *arguments], check=True, capture_output=True).stdout)

    def profiled(self):
        return self.processes

    def close(self):
        for process in reversed(self.processes):
            process.stop()


def run(kind, options, show):
    """The benchmark in a folder of its own on the disk of PENSTOCK_BENCH_DIR, its result shown, and nothing left."""
    name = f"penstock-{kind.__name__}."
    folder = tempfile.mkdtemp(prefix=name, dir=os.environ.get("PENSTOCK_BENCH_DIR", tempfile.gettempdir()))
    bench = kind(options, folder)
    try:
        show(bench.run())
        if options.profile:
            bench.close()
            for process in bench.profiled():
                process.show_profile()
    finally:
        bench.close()
        if options.keep:
            print("its files are in " + folder)
        else:
            shutil.rmtree(folder)


def verdict(good):
    return "holds" if good else "FALLS SHORT"
