# SPDX-License-Identifier: Apache-2.0
"""Sandbox, coordinator and worker as processes on ports of their own, with a made-up tenant copied into a file."""
import pathlib
import re
import shutil
import subprocess
import tempfile
import threading

CONFIG = """version: 1
state: {folder}/state
backup: {{dir: {folder}/backup}}
sources:
  acme:
    url: {url}
    auth: {{type: api_key, api_key_file: {folder}/key}}
    budget: {{per_minute: 6000, users_per_minute: 3000}}
    sync: {{schedule: "0 7 * * *", time_zone: UTC}}
destinations:
  warehouse: {{type: sqlite, path: {folder}/warehouse.db, source: acme}}
"""
PATIENCE = 60


class Process:
    """What it writes is kept, so that nobody waits for a full pipe."""

    def __init__(self, *command):
        self.name = pathlib.Path(command[0]).name
        self.process = subprocess.Popen([str(word) for word in command], stdout=subprocess.PIPE,
                                        stderr=subprocess.STDOUT, text=True)
        self.text = ""
        self.news = threading.Condition()
        self.reader = threading.Thread(target=self.read)
        self.reader.start()

    def read(self):
        for line in self.process.stdout:
            with self.news:
                self.text += line
                self.news.notify()
        with self.news:
            self.news.notify()

    def says(self, pattern):
        """The group of the pattern, once it has written it."""
        def found():
            return re.search(pattern, self.text) or self.process.poll() is not None

        with self.news:
            self.news.wait_for(found, PATIENCE)
            match = re.search(pattern, self.text)
        if match is None:
            raise AssertionError(f"{self.name} never said '{pattern}': {self.text}")
        return match.group(1)

    def stop(self):
        self.process.terminate()
        self.process.wait(PATIENCE)
        self.reader.join()
        self.process.stdout.close()


class SmallCluster:
    def __init__(self, build):
        self.bin = build / "bin"
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="small_cluster."))
        self.processes = []

    def start(self):
        key = self.folder / "key"
        key.write_text("a-key\n")
        key.chmod(0o600)
        sandbox = self.launch(self.bin / "penstock-sandbox", "--listen", "127.0.0.1:0", "--synthetic",
                              "days=30,users=5,seed=1,conversations=2", "--rpm", "0", "--ttfb", "1ms", "--api-key-file", key)
        self.config = self.folder / "penstock.yaml"
        self.config.write_text(CONFIG.format(folder=self.folder, url=sandbox.says(r"listening on (\S+)")))
        coordinator = self.launch(self.bin / "penstock-coordinator", "--config", self.config, "--listen", "127.0.0.1:0",
                                  "--monitoring", "127.0.0.1:0")
        self.port = coordinator.says(r"listening on port (\d+)")
        self.monitoring = "127.0.0.1:" + coordinator.says(r"monitoring on port (\d+)")
        self.launch(self.bin / "penstock-worker", "--config", self.config, "--coordinator", f"127.0.0.1:{self.port}")
        self.penstock("backfill", "create", "--wait")
        self.penstock("sync", "now", "--wait")
        self.penstock("backup")

    def penstock(self, *words):
        return subprocess.run([self.bin / "penstock", "--coordinator", f"127.0.0.1:{self.port}", *words], check=True,
                              timeout=PATIENCE, capture_output=True, text=True).stdout

    def launch(self, *command):
        self.processes.append(Process(*command))
        return self.processes[-1]

    def stop(self):
        for process in reversed(self.processes):
            process.stop()
        shutil.rmtree(self.folder)
