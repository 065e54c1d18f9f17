#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Style as an executable: borders between folders, one place per library, file sizes, formatting.

Each finding says where and what to use instead. Exit 1 when there is any. --self-test shows that each rule can fail.
"""
import pathlib
import re
import subprocess
import sys

# Who may include whom (docs/architecture.md). A folder may always include itself.
ARROWS = {
    "base": set(),
    "proto": {"base"},
    "store": {"proto", "base"},
    "destinations": {"proto", "base"},
    "metrics": {"destinations", "base"},
    "coordinator": {"store", "proto", "base"},
    "worker": {"destinations", "metrics", "proto", "base"},
    "cli": {"metrics", "proto", "base"},
    "cli/local": {"cli", "coordinator", "worker", "destinations", "proto", "base"},
    "sandbox": {"base"},
    "bench": {"base", "proto", "store", "destinations", "coordinator", "worker", "cli", "sandbox", "tests"},
    "tests": {"base", "proto", "store", "destinations", "metrics", "coordinator", "worker", "cli", "sandbox"},
}

# A library's headers and the only files that may include them.
LIBRARIES = [
    (r'[<"]curl/', r"^(worker/curl_|coordinator/curl_|destinations/snowflake/curl_|tests/fuzz/next_link_fuzz)",
     "worker/http_transport.h, coordinator/heartbeat_client.h, destinations/snowflake/http_client.h"),
    (r'[<"]rocksdb/', r"^(store/rocks_|tests/store/|bench/(store_bench|raw_pages))", "store/store.h"),
    (r'[<"]sqlite3\.h', r"^(destinations/sqlite/|tests/(destinations|contracts|cluster)/|bench/load_bench)",
     "destinations/destination.h"),
    (r'[<"]libpq', r"^(destinations/postgres/|tests/(destinations|cluster)/|bench/postgres_load_bench)",
     "destinations/destination.h"),
    (r'[<"]sql(ext|ucode|types)?\.h', r"^destinations/sqlserver/odbc_connection\.cc", "destinations/sqlserver/connection.h"),
    (r'[<"]httplib', r"^(sandbox/|tests/)", "sandbox/"),
    (r'[<"]prometheus/', r"^(coordinator/monitoring|tests/coordinator/monitoring)", "coordinator/monitoring.h"),
    (r'[<"](grpcpp/security/tls|openssl/(x509|ssl))',
     r"^(base/tls/|destinations/snowflake/|tests/)", "base/tls/credentials.h"),
    (r'[<"]yaml-cpp', r"^base/config", "base/config.h"),
    (r'[<"]spdlog', r"^base/log", "base/log.h"),
]

# Words that read the world behind the seams' back, the files that may, and what to use instead.
WORDS = [
    (r"\babsl::Now\(|system_clock::now|steady_clock::now|\bclock_gettime\(|\bgettimeofday\(",
     r"^(base/|coordinator/server\.cc|worker/grpc_coordinator_client\.cc|cli/connection|sandbox/|bench/|tests/(cluster|crash|sandbox|worker|store)/)",
     "a Moment from base/clock.h"),
    (r"\bstd::random_device|\brand\(\)|\bmt19937", r"^base/random", "base/random.h"),
    (r"\bsleep_for\(|\bSleepFor\(|\busleep\(", r"^(base/|sandbox/|bench/)", "Clock::Sleep, or a condition variable"),
    (r"\bSystemClock\(\)\.Sleep\(|\bclock\.Sleep\(", r"^(?!tests/)|^tests/(fakes|base)/", "Await of tests/fakes/await.h"),
    (r"\bTODO\b|\bFIXME\b|\bXXX\b", r"^tools/lint\.py", "finishing it, or leaving it out and saying so"),
    (r"using namespace std\b", r"^$", "the names themselves"),
]

# docs/fault_scenarios.md: a row for each of these, and tests that exist.
SCENARIOS = "docs/fault_scenarios.md"
SCENARIO_NUMBERS = range(1, 60)
SIMULATOR_FAULTS = "tests/simulation/faults.cc"

MAX_LINES = 450
MAX_COLUMNS = 120


def folder(path):
    if path.startswith("cli/local/"):
        return "cli/local"
    return path.split("/", 1)[0]


def check_text(path, text):
    """All findings of one file, as (line, message)."""
    findings = []
    here = folder(path)
    lines = text.split("\n")
    if "SPDX-License-Identifier: Apache-2.0" not in "\n".join(lines[:3]):
        findings.append((1, "the first line is: // SPDX-License-Identifier: Apache-2.0"))
    if path.endswith(".h") and "#pragma once" not in text:
        findings.append((1, "a header has #pragma once"))
    if len(lines) > MAX_LINES:
        findings.append((len(lines), f"{len(lines)} lines; split a file before {MAX_LINES}"))
    for number, line in enumerate(lines, 1):
        include = re.match(r'\s*#include "([a-z_/]+)/[^/"]+\.h"', line)
        if include and here in ARROWS:
            target = folder(include.group(1) + "/")
            if target in ARROWS and target != here and target not in ARROWS[here]:
                findings.append((number, f"{here}/ may not include {target}/ (docs/architecture.md has the arrows)"))
        if line.lstrip().startswith("#include"):
            for header, allowed, instead in LIBRARIES:
                if re.search(header, line) and not re.search(allowed, path):
                    findings.append((number, f"{line.strip()} has one place; use {instead}"))
        code = line.split("//", 1)[0]
        for word, allowed, instead in WORDS:
            where = line if "TODO" in word else code
            match = re.search(word, where)
            if match and not re.search(allowed, path):
                findings.append((number, f"'{match.group(0)}' is not allowed here; use {instead}"))
        if len(line) > MAX_COLUMNS:
            findings.append((number, f"{len(line)} columns; at most {MAX_COLUMNS}"))
    return findings


def check_scenarios(table, read):
    """All findings of the scenarios' table, as (line, message). `read(path)`: a file's text, None without it."""
    findings = []
    seen = []
    for number, line in enumerate(table.split("\n"), 1):
        cells = [cell.strip() for cell in line.strip().strip("|").split(" | ")]
        if not line.startswith("|") or not cells[0].isdigit():
            continue
        seen.append(int(cells[0]))
        if len(cells) != 4:
            findings.append((number, f"{len(cells)} columns instead of 4"))
            continue
        shown, _, simulated = cells[3].partition("simulator:")
        path, text, tests = None, None, 0
        for name in re.findall(r"`([^`]+)`", shown):
            if name.endswith(".cc"):
                path, text = "tests/" + name, read("tests/" + name)
                if text is None:
                    findings.append((number, f"there is no {path}"))
            elif text is not None:
                tests += 1
                # A test, or a named parameter of one.
                if not re.search(r"TEST\w*\(\w+,\s*%s\)|\{\"%s\"," % (name, name), text):
                    findings.append((number, f"{path} has no test {name}"))
        faults = re.findall(r"`([^`]+)`", simulated)
        for name in faults:
            if f'"{name}"' not in (read(SIMULATOR_FAULTS) or ""):
                findings.append((number, f"{SIMULATOR_FAULTS} has no fault '{name}'"))
        if not tests and not faults and not re.match(r"left out: \S", shown):
            findings.append((number, "neither a test, nor a simulator's fault, nor the reason why it is left out"))
    if seen != list(SCENARIO_NUMBERS):
        findings.append((1, f"a row for each of {SCENARIO_NUMBERS[0]} to {SCENARIO_NUMBERS[-1]}, in order"))
    return findings


def self_test_scenarios():
    files = {"tests/a_test.cc": 'TEST_F(Some, Thing) {\n Trouble{"Reset", {"reset=6"}},',
             SIMULATOR_FAULTS: '{"slow sync", 0.02},'}
    good = "`a_test.cc` `Thing`, `Reset`; simulator: `slow sync`"
    for cell, expected in [
        (good, None),
        ("left out: nothing to show", None),
        ("simulator: `slow sync`", None),
        ("`a_test.cc` `Thin`", "no test Thin"),
        ("`b_test.cc` `Thing`", "no tests/b_test.cc"),
        ("simulator: `slow`", "no fault 'slow'"),
        ("left out:", "the reason"),
        ("somewhere", "the reason"),
    ]:
        rows = [f"| {n} | s | b | {cell if n == 7 else good} |" for n in SCENARIO_NUMBERS]
        found = [message for _, message in check_scenarios("\n".join(rows), files.get)]
        assert (not found) if expected is None else any(expected in message for message in found), (cell, found)
    assert any("in order" in message for _, message in check_scenarios("\n".join(rows[1:]), files.get))


def self_test():
    head = "// SPDX-License-Identifier: Apache-2.0\n"
    cases = [
        ("store/a.cc", head + '#include "coordinator/core.h"\n', "may not include"),
        ("cli/a.cc", head + '#include "worker/worker.h"\n', "may not include"),
        ("worker/a.cc", head + "#include <curl/curl.h>\n", "has one place"),
        ("store/page.cc", head + "#include <rocksdb/db.h>\n", "has one place"),
        ("coordinator/a.cc", head + "auto t = absl::Now();\n", "base/clock.h"),
        ("worker/a.cc", head + "std::random_device d;\n", "base/random.h"),
        ("tests/a.cc", head + "std::this_thread::sleep_for(x);\n", "Clock::Sleep"),
        ("tests/cluster/a.cc", head + "SystemClock().Sleep(x);\n", "await.h"),
        ("base/a.cc", "int x;\n", "SPDX"),
        ("base/a.h", head, "#pragma once"),
        ("base/a.cc", head + "// TODO: later\n", "finishing it"),
        ("base/a.cc", head + "x" * 121 + "\n", "columns"),
        ("base/a.cc", head + "\n" * 451, "split"),
    ]
    for path, text, expected in cases:
        found = [message for _, message in check_text(path, text)]
        assert any(expected in message for message in found), (path, expected, found)
    assert not check_text("worker/curl_transport.cc", head + "#include <curl/curl.h>\n")
    assert not check_text("cli/local/run.cc", head + '#include "worker/worker.h"\n')


def read_or_none(path):
    return pathlib.Path(path).read_text() if pathlib.Path(path).exists() else None


def main():
    self_test()
    self_test_scenarios()
    if sys.argv[1:] == ["--self-test"]:
        return 0
    files = subprocess.run(["git", "ls-files"], capture_output=True, text=True, check=True).stdout.split("\n")
    sources = [f for f in files if re.search(r"\.(cc|h)$", f) and pathlib.Path(f).exists()]
    findings = 0
    for path in sources:
        for line, message in check_text(path, pathlib.Path(path).read_text()):
            print(f"{path}:{line}: {message}")
            findings += 1
    for line, message in check_scenarios(pathlib.Path(SCENARIOS).read_text(), read_or_none):
        print(f"{SCENARIOS}:{line}: {message}")
        findings += 1
    formatted = subprocess.run(["clang-format", "--dry-run", "--Werror", *sources], capture_output=True, text=True)
    if formatted.returncode != 0:
        names = sorted(set(re.findall(r"^(\S+?):\d+:\d+: error", formatted.stderr, re.M)))
        print("not formatted (./dev fmt does it): " + ", ".join(names))
        findings += len(names) or 1
    print(f"lint: {len(sources)} files, {findings} findings")
    return 1 if findings else 0


sys.exit(main())
