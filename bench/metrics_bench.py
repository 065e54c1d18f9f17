#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""How long each metric takes over a year of 5 million interactions, in SQLite and in PostgreSQL, and what kept facts cost.

    bench/metrics_bench.py BUILD_FOLDER [--interactions 5000000] [--systems sqlite,postgres] [--tables] [--keep]

A tenant of two days comes the whole way through a sandbox into both warehouses: the published samples where
PENSTOCK_SAMPLES names their folder, a made-up one otherwise. Each warehouse then multiplies it by itself: other ids,
20,000 users, spread over a year, answers that take up to 20 s longer. All rows have their JSON, but for plugin
resources, whose details no metric reads: 40 bytes stand in their place. --tables also asks before any facts are kept,
which takes long. PENSTOCK_BENCH_DIR chooses the disk: 15 GB for each system.
"""
import argparse
import glob
import os
import pwd
import re
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time

TABLES = ("DATA_API_COPILOT_USERS", "DATA_API_COPILOT_CONVERSATIONS", "DATA_API_INTERACTIONS",
          "DATA_API_PLUGIN_CALLS", "DATA_API_PLUGIN_RESOURCES_V2")
IDS = {"CONVERSATION_ID", "INTERACTION_ID", "PLUGIN_CALL_ID", "PLUGIN_RESOURCE_ID", "PARENT_INTERACTION_ID",
       "RESOURCE_ID"}
DETAILS = """'{"name":null,"title":null,"snippet":null}'"""
USERS = 20_000
YEAR_SECONDS = 365 * 86_400
GOALS = {"sqlite": 5.0, "postgres": 2.0}  # seconds


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for(log, pattern, child):
    end = time.monotonic() + 60
    while time.monotonic() < end and child.poll() is None:
        found = re.search(pattern, open(log, encoding="utf-8", errors="replace").read())
        if found:
            return found.group(1)
        time.sleep(0.05)
    sys.exit("did not start:\n" + open(log).read())


class Copies:
    """The SQL that makes copy `k` of each row of a table, in the words of one system."""

    def __init__(self, copies, seed_users, shift):
        self.step = YEAR_SECONDS // copies
        self.user_copies = max(1, USERS // seed_users)
        self.shift = shift  # (column, seconds) -> SQL

    def column(self, table, name, quoted):
        if name == "USER_RECORD_ID":
            # A roster has each user once; all others are shared by the copies.
            return f"{quoted}||'.'||" + ("k" if table.endswith("USERS") else f"(k % {self.user_copies})")
        if name in IDS:
            return f"{quoted}||'.'||k"
        if name == "DATA_RESOURCE_DETAILS":
            return DETAILS
        if name == "TS_INTERACTION":
            later = "CASE WHEN actor = 'bot' THEN (k * 7919 % 20000) / 1000.0 ELSE 0 END"
            return self.shift(quoted, f"(k * {self.step} + {later})")
        if name.startswith("TS_"):
            return self.shift(quoted, f"(k * {self.step})")
        return quoted

    def count(self, table, copies):
        return self.user_copies if table.endswith("USERS") else copies


class Sqlite:
    name = "sqlite"

    def __init__(self, folder):
        self.file = os.path.join(folder, "warehouse.db")
        self.destination = "sqlite:" + self.file

    def size(self):
        return os.path.getsize(self.file)

    def multiply(self, interactions):
        base = sqlite3.connect(self.file, isolation_level=None)
        base.executescript("PRAGMA synchronous=OFF; PRAGMA cache_size=-400000; PRAGMA wal_autocheckpoint=100000;")

        def one(sql):
            return base.execute(sql).fetchone()[0]

        def shift(column, seconds):
            return f"strftime('%Y-%m-%dT%H:%M:%fZ', {column}, '+' || {seconds} || ' seconds')"

        copies = interactions // one("SELECT count(*) FROM DATA_API_INTERACTIONS")
        made = Copies(copies, one("SELECT count(*) FROM DATA_API_COPILOT_USERS"), shift)
        for table in TABLES:
            names = [row[1] for row in base.execute(f"PRAGMA table_info({table})")]
            base.execute(f"CREATE TEMP TABLE seed AS SELECT * FROM {table}")
            columns = ", ".join(made.column(table, name, f'"{name}"') for name in names)
            numbers = ("WITH RECURSIVE n(k) AS (SELECT 1 UNION ALL SELECT k + 1 FROM n WHERE k < "
                       f"{made.count(table, copies) - 1}) SELECT k FROM n")
            base.execute(f"INSERT INTO {table} SELECT {columns} FROM ({numbers}) CROSS JOIN temp.seed")
            base.execute("DROP TABLE temp.seed")
        counts = {table: one(f"SELECT count(*) FROM {table}") for table in TABLES}
        base.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        base.close()
        return counts

    def stop(self):
        pass


class Postgres:
    name = "postgres"

    def __init__(self, folder):
        self.port = free_port()
        self.data = os.path.join(folder, "postgres")
        self.bin = os.path.dirname(sorted(glob.glob("/usr/lib/postgresql/*/bin/initdb"))[-1])
        self.become = {}
        os.makedirs(self.data)
        if os.geteuid() == 0:  # the server refuses to be root
            account = pwd.getpwnam("postgres")
            os.chown(self.data, account.pw_uid, account.pw_gid)
            os.chmod(folder, 0o755)
            self.become = {"user": "postgres", "group": account.pw_gid, "extra_groups": []}
        subprocess.run([f"{self.bin}/initdb", "-D", self.data, "-U", "postgres", "-A", "trust", "-E", "UTF8",
                        "--locale=C.UTF-8"], check=True, stdout=subprocess.DEVNULL, cwd="/", **self.become)
        # A small server's settings; everything else is Debian's default.
        self.child = subprocess.Popen([f"{self.bin}/postgres", "-D", self.data, "-p", str(self.port), "-k", self.data,
                                       "-c", "shared_buffers=1GB", "-c", "max_wal_size=8GB"],
                                      stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd="/", **self.become)
        self.destination = f"postgresql://postgres@127.0.0.1:{self.port}/postgres?schema=data_api"
        end = time.monotonic() + 60
        while time.monotonic() < end and subprocess.run(self.psql("SELECT 1"), capture_output=True).returncode != 0:
            time.sleep(0.1)

    def psql(self, sql):
        return ["psql", "-XqAt", "-h", "127.0.0.1", "-p", str(self.port), "-U", "postgres", "-v", "ON_ERROR_STOP=1",
                "-c", sql]

    def run(self, sql):
        return subprocess.run(self.psql(sql), check=True, capture_output=True, text=True).stdout.strip()

    def size(self):
        return int(self.run("SELECT pg_database_size('postgres')"))

    def multiply(self, interactions):
        copies = interactions // int(self.run("SELECT count(*) FROM data_api.data_api_interactions"))
        made = Copies(copies, int(self.run("SELECT count(*) FROM data_api.data_api_copilot_users")),
                      lambda column, seconds: f"{column} + {seconds} * interval '1 second'")
        counts = {}
        for table in TABLES:
            names = self.run(f"SELECT attname FROM pg_attribute WHERE attrelid = 'data_api.{table.lower()}'::regclass "
                             "AND attnum > 0 AND NOT attisdropped ORDER BY attnum").split()
            columns = ", ".join(f"({made.column(table, name.upper(), name)})" +
                                ("::jsonb" if name == "data_resource_details" else "") for name in names)
            self.run(f"INSERT INTO data_api.{table} SELECT {columns} FROM generate_series(1, "
                     f"{made.count(table, copies) - 1}) AS k CROSS JOIN data_api.{table}")
            self.run(f"VACUUM ANALYZE data_api.{table}")
            counts[table] = int(self.run(f"SELECT count(*) FROM data_api.{table}"))
        return counts

    def stop(self):
        self.child.send_signal(signal.SIGINT)
        self.child.wait(60)


class Bench:
    def __init__(self, options, folder):
        self.folder = folder
        self.options = options
        self.bin = os.path.join(options.build, "bin")
        self.penstock = os.path.join(self.bin, "penstock")
        self.span = None

    def seed(self, systems):
        """Two days of a tenant, the whole way into each warehouse."""
        key = os.path.join(self.folder, "key")
        with open(os.open(key, os.O_WRONLY | os.O_CREAT, 0o600), "w") as file:
            file.write("bench\n")
        samples = os.environ.get("PENSTOCK_SAMPLES")
        tenant = ["--data", samples] if samples else ["--synthetic", "days=4,users=20,seed=1,conversations=143",
                                                      "--now", "2026-03-05T00:00:00Z", "--retention", "off"]
        log = os.path.join(self.folder, "sandbox.log")
        sandbox = subprocess.Popen([os.path.join(self.bin, "penstock-sandbox"), *tenant, "--rpm", "0", "--api-key",
                                    "bench"], stdout=open(log, "wb"), stderr=subprocess.STDOUT)
        try:
            url = wait_for(log, r"(http://\S+/records)", sandbox)
            command = [self.penstock, "run", "--source-url", url, "--api-key-file", key, "--state",
                       os.path.join(self.folder, "state"), "--rpm", "60000", "--from", "2025-07-01"]
            for system in systems:
                command += ["--destination", system.destination]
            done = subprocess.run(command, capture_output=True, text=True)
            if done.returncode != 0:
                sys.exit("the seed did not arrive:\n" + done.stdout + done.stderr)
        finally:
            sandbox.terminate()
            sandbox.wait(30)
        self.span = ("2025-08-01", "2026-08-01") if samples else ("2026-03-01", "2027-03-01")

    def ask(self, system, metric, span, guide=False):
        command = [self.penstock, "metrics", "run", metric, "--from", span[0], "--to", span[1], "--destination",
                   system.destination, "--timeout", "15m", "--output", "json"]
        if metric == "time_savings":
            command += ["--set", "hours=Grant Software Access=0.5"]
        if guide:
            command += ["--definition", "guide"]
        begin = time.monotonic()
        done = subprocess.run(command, capture_output=True, text=True)
        took = time.monotonic() - begin
        if done.returncode != 0:
            sys.exit(f"{metric}: {done.stderr}")
        return took, done.stdout

    def table(self, system, kept):
        listed = subprocess.run([self.penstock, "metrics", "list", "--output", "json"], capture_output=True, text=True,
                                check=True).stdout
        year, month = self.span[0][:4], int(self.span[0][5:7]) + 3
        days = (f"{year}-{month:02}-01", f"{year}-{month:02}-30")
        goal = GOALS[system.name]
        print(f"\n{system.name}, {'of kept facts' if kept else 'of the tables'}: seconds (goal {goal:.0f})\n"
              f"{'':28}   year   29 d  year by the guide", flush=True)
        slow = []
        for name in re.findall(r'"name":"(\w+)"', listed):
            self.ask(system, name, days)  # what is asked often is in memory
            whole, answer = self.ask(system, name, self.span)
            took = [whole, self.ask(system, name, days)[0], self.ask(system, name, self.span, True)[0]]
            if kept and "computed from the tables" in answer:
                sys.exit(f"{name} was not answered of kept facts")
            over = max(took) > goal
            slow += [name] if over else []
            print(f"{name:28} " + " ".join(f"{seconds:6.2f}" for seconds in took) + ("  over" if over else ""), flush=True)
        return slow

    def measure(self, system):
        begin = time.monotonic()
        counts = system.multiply(self.options.interactions)
        print(f"\n{system.name}: " + ", ".join(f"{count:,} {table}" for table, count in counts.items()))
        before = system.size()
        print(f"made in {time.monotonic() - begin:.0f} s, {before / 1e9:.2f} GB", flush=True)
        if self.options.tables:
            self.table(system, kept=False)
        for turn in ("kept first", "made again"):
            begin = time.monotonic()
            subprocess.run([self.penstock, "metrics", "install", "--kept", "--timeout", "15m", "--destination",
                            system.destination], check=True, stdout=subprocess.DEVNULL)
            more = (system.size() - before) / 1e9
            print(f"facts {turn}: {time.monotonic() - begin:.0f} s, {more:.2f} GB more", flush=True)
        return self.table(system, kept=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("build")
    parser.add_argument("--interactions", type=int, default=5_000_000)
    parser.add_argument("--systems", default="sqlite,postgres")
    parser.add_argument("--tables", action="store_true")
    parser.add_argument("--keep", action="store_true")
    options = parser.parse_args()
    folder = tempfile.mkdtemp(prefix="penstock-metrics-", dir=os.environ.get("PENSTOCK_BENCH_DIR"))
    systems = []
    try:
        systems = [{"sqlite": Sqlite, "postgres": Postgres}[name](folder) for name in options.systems.split(",")]
        bench = Bench(options, folder)
        bench.seed(systems)
        slow = {system.name: bench.measure(system) for system in systems}
    finally:
        for system in systems:
            system.stop()
        if not options.keep:
            shutil.rmtree(folder)
    print("\nover the goal: " + ("; ".join(f"{name}: {', '.join(slow[name])}" for name in slow if slow[name]) or "none"))
    sys.exit(1 if any(slow.values()) else 0)


if __name__ == "__main__":
    main()
