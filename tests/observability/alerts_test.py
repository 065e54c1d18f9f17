#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Alert rules and dashboard against the page that a real coordinator serves, judged by Prometheus's own tool and by
Prometheus itself. The page of a healthy cluster is the material: untouched, no alert fires; with one series changed, one
does. The processes are those of the build in the folder that is named."""
import json
import pathlib
import re
import socket
import subprocess
import sys
import threading
import time
import unittest
import urllib.request

import yaml
from small_cluster import PATIENCE, SmallCluster

BUILD = pathlib.Path(sys.argv.pop()).resolve()
SOURCE = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(SOURCE / "tools"))
import alert_rules  # noqa: E402

DASHBOARD = SOURCE / "k8s/components/monitoring/dashboard.json"
RUNBOOK = SOURCE / "docs/operating.md"

# What makes each alert fire: the series that changes, by its labels, and its values for two days, every ten minutes,
# as promtool writes them. None: it is gone.
ALWAYS = "1x300"
CAUSES = {
    "PenstockAbsent": ("penstock_build_info", {}, None),
    "PenstockForgottenSoon": ("penstock_alarms", {"alarm": "forgotten-soon"}, ALWAYS),
    "PenstockDaysLost": ("penstock_coverage", {"state": "lost", "endpoint": "plugin-calls"}, ALWAYS),
    "PenstockAlarm": ("penstock_alarms", {"alarm": "key-shared"}, ALWAYS),
    "PenstockSourceBlocked": ("penstock_source_blocked", {}, ALWAYS),
    "PenstockEndpointRefused": ("penstock_source_blocked_endpoints", {}, ALWAYS),
    "PenstockBudgetReduced": ("penstock_budget_current_limit_requests", {}, ALWAYS),
    "PenstockWindowsParked": ("penstock_windows", {"state": "parked"}, ALWAYS),
    "PenstockNoWorker": ("penstock_workers", {}, "0x300"),
    "PenstockTooFewWorkers": ("penstock_fetch_capacity_wanted", {}, "32x300"),
    "PenstockSyncLate": ("penstock_sync_finished_timestamp_seconds", {"endpoint": "users"}, "-100000x300"),
    "PenstockRecordsQuarantined": ("penstock_records_total", {"outcome": "quarantined", "endpoint": "users"}, "0x200 1x100"),
    "PenstockDestinationFailed": ("penstock_destination_failed", {}, ALWAYS),
    "PenstockDestinationBehind": ("penstock_destination_behind_changes", {}, ALWAYS),
    "PenstockDestinationPaused": ("penstock_destination_paused", {}, ALWAYS),
    "PenstockRowsSetAside": ("penstock_destination_set_aside_rows", {}, ALWAYS),
    "PenstockBackupFailed": ("penstock_backup_failed", {}, ALWAYS),
}
# Late enough for the most patient of them; promtool's clock begins at 0.
LOOK_AT = "34h"


def parse(page):
    """[(name, labels, value)] of a page in Prometheus's text format."""
    series = []
    for line in page.splitlines():
        # The library that serves the page counts its own scrapes there.
        if line and not line.startswith(("#", "exposer_")):
            name, labels, value = re.fullmatch(r"(\w+)(?:\{(.*)\})? (\S+)", line).groups()
            series.append((name, dict(re.findall(r'(\w+)="([^"]*)"', labels or "")), float(value)))
    return series


def written(name, labels):
    return name + "{" + ",".join(f'{key}="{value}"' for key, value in labels.items()) + "}"


def names_in(expression):
    return set(re.findall(r"\bpenstock_\w+", expression))


class Alerts(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.cluster = SmallCluster(BUILD)
        cls.addClassCleanup(cls.cluster.stop)
        cls.cluster.start()
        with urllib.request.urlopen(f"http://{cls.cluster.monitoring}/metrics", timeout=PATIENCE) as answer:
            cls.page = answer.read().decode()
        cls.series = parse(cls.page)
        cls.rules_file = cls.cluster.folder / "rules.yaml"
        cls.rules_file.write_text(alert_rules.plain(alert_rules.RULES.read_text()))
        cls.rules = [rule for group in yaml.safe_load(cls.rules_file.read_text())["groups"] for rule in group["rules"]]

    def promtool(self, *words):
        done = subprocess.run(["promtool", *[str(word) for word in words]], capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def history(self, cause=None):
        """The page for two days, with what the cause changes."""
        history, changed = [], 0
        for name, labels, value in self.series:
            values = f"{value}x300"
            if name == "penstock_sync_finished_timestamp_seconds":
                values = "60x300"
            if cause and name == cause[0] and cause[1].items() <= labels.items():
                values = cause[2]
                changed += 1
            if values is not None:
                history.append({"series": written(name, labels), "values": values})
        self.assertTrue(cause is None or changed == 1, f"{cause} changes {changed} series of the page")
        return history

    def expect(self, cases):
        """cases: [(history, names of the alerts that fire)]"""
        tests = [{"interval": "10m", "input_series": history,
                  "promql_expr_test": [{"expr": 'count by (alertname) (ALERTS{alertstate="firing"})', "eval_time": LOOK_AT,
                                        "exp_samples": [{"labels": f'{{alertname="{name}"}}', "value": 1} for name in firing]}]}
                 for history, firing in cases]
        file = self.cluster.folder / "test.yaml"
        file.write_text(yaml.safe_dump({"rule_files": [str(self.rules_file)], "evaluation_interval": "10m", "tests": tests}))
        self.promtool("test", "rules", file)

    def test_prometheus_finds_nothing_to_criticise_in_the_rules(self):
        self.promtool("check", "rules", self.rules_file)

    def test_a_healthy_cluster_raises_no_alert(self):
        self.expect([(self.history(), [])])

    def test_each_alert_is_fired_by_its_cause_alone(self):
        self.assertEqual(sorted(CAUSES), sorted(rule["alert"] for rule in self.rules))
        self.expect([(self.history(cause), [alert]) for alert, cause in CAUSES.items()])

    def test_a_paused_destination_is_not_behind(self):
        history = self.history(("penstock_destination_behind_changes", {}, ALWAYS))
        for series in history:
            if series["series"].startswith("penstock_destination_paused"):
                series["values"] = ALWAYS
        self.expect([(history, ["PenstockDestinationPaused"])])

    def test_rules_and_dashboard_use_only_what_the_page_has(self):
        exported = {name for name, _, _ in self.series}
        for rule in self.rules:
            self.assertLessEqual(names_in(rule["expr"]), exported, rule["alert"])
        for panel in json.loads(DASHBOARD.read_text())["panels"]:
            for target in panel.get("targets", []):
                self.assertLessEqual(names_in(target["expr"]), exported, panel["title"])
                self.assertTrue(names_in(target["expr"]), panel["title"])

    def test_every_series_of_the_page_is_on_the_dashboard(self):
        self.assertEqual({name for name, _, _ in self.series} - names_in(DASHBOARD.read_text()), set())

    def test_prometheus_understands_the_dashboard(self):
        expressions = [target["expr"] for panel in json.loads(DASHBOARD.read_text())["panels"]
                       for target in panel.get("targets", [])]
        rules = [{"record": f"panel:{number}", "expr": expression.replace("$source", ".*")}
                 for number, expression in enumerate(expressions)]
        file = self.cluster.folder / "panels.yaml"
        file.write_text(yaml.safe_dump({"groups": [{"name": "panels", "rules": rules}]}))
        self.promtool("check", "rules", file)

    def test_the_runbook_has_a_place_for_each_alert(self):
        text = RUNBOOK.read_text()
        for rule in self.rules:
            self.assertIn(f"| `{rule['alert']}` |", text)

    def test_prometheus_itself_scrapes_the_page_and_takes_the_rules(self):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            address = "127.0.0.1:%d" % probe.getsockname()[1]
        folder = self.cluster.folder
        config = {"global": {"scrape_interval": "1s", "evaluation_interval": "1s"}, "rule_files": [str(self.rules_file)],
                  "scrape_configs": [{"job_name": "penstock", "static_configs": [{"targets": [self.cluster.monitoring]}]}]}
        (folder / "prometheus.yaml").write_text(yaml.safe_dump(config))
        self.cluster.launch("prometheus", f"--config.file={folder}/prometheus.yaml",
                            f"--storage.tsdb.path={folder}/tsdb", f"--web.listen-address={address}").says("(Server is ready)")
        self.assertEqual(self.answer(address, "query?query=penstock_workers", lambda data: data["result"])[0]["value"][1], "1")
        groups = self.answer(address, "rules", lambda data: all(
            rule["health"] == "ok" for group in data["groups"] for rule in group["rules"]) and data)["groups"]
        self.assertEqual(len(groups[0]["rules"]), len(self.rules))
        (target,) = self.answer(address, "targets", lambda data: data)["activeTargets"]
        self.assertEqual((target["health"], target["lastError"]), ("up", ""))

    def answer(self, address, question, is_there):
        until = time.monotonic() + PATIENCE
        while True:
            try:
                with urllib.request.urlopen(f"http://{address}/api/v1/{question}", timeout=PATIENCE) as answer:
                    found = is_there(json.load(answer)["data"])
                if found:
                    return found
            except OSError as error:
                found = error
            self.assertLess(time.monotonic(), until, f"{question}: {found}")
            # It scrapes once a second.
            threading.Event().wait(0.1)


if __name__ == "__main__":
    unittest.main(verbosity=1)
