#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The bill of materials of a build: what its programs are made of, as SPDX 2.3 in JSON.

    tools/sbom.py BUILD_FOLDER VERSION >sbom.spdx.json

Nothing is listed by hand. Libraries that are loaded when a program starts are asked of the programs, those they bring
along too; whose headers were compiled in, of the compiler's own notes in the build folder. Each file is looked up in
Debian's database of packages.
"""
import datetime
import json
import os
import re
import subprocess
import sys

PROGRAMS = ("penstock", "penstock-coordinator", "penstock-worker", "penstock-sandbox")


def lines(*command):
    return subprocess.run(command, check=True, text=True, capture_output=True).stdout.splitlines()


def needed(program):
    """Names of the libraries that the program itself asks for."""
    return {line.split()[1] for line in lines("objdump", "-p", program) if line.strip().startswith("NEEDED")}


def loaded(program):
    """Name -> file of every library that is loaded with it, at any depth."""
    return {match[1]: os.path.realpath(match[2])
            for match in (re.match(r"\s*(\S+) => (/\S+)", line) for line in lines("ldd", program)) if match}


def headers(build):
    """Files of the system that were compiled into the programs' objects."""
    wanted = set()
    for program in PROGRAMS:
        wanted.update(line for line in lines("ninja", "-C", build, "-t", "inputs", f"bin/{program}")
                      if line.endswith(".o"))
    found, object_file = set(), None
    for line in lines("ninja", "-C", build, "-t", "deps"):
        if line and not line[0].isspace():
            object_file = line.split(":")[0]
        elif object_file in wanted:
            found.add(os.path.realpath(os.path.join(build, line.strip())))
    return {file for file in found if file.startswith("/usr/")}


def owners(files):
    """File -> (package, version, architecture, source package) of Debian's database."""
    owner = {}
    files = sorted(files)
    for begin in range(0, len(files), 500):
        # Merged /usr: the database knows some libraries under the name that they had before.
        names = [name for file in files[begin:begin + 500] for name in (file, file.removeprefix("/usr"))]
        answer = subprocess.run(["dpkg-query", "-S", *names], text=True, capture_output=True).stdout
        for line in answer.splitlines():
            packages, _, file = line.partition(": ")
            if not packages.startswith("diversion"):
                owner.setdefault("/usr" + file.removeprefix("/usr"), packages.split(",")[0])
    wanted = sorted(set(owner.values()))
    shown = "${binary:Package}\t${Version}\t${Architecture}\t${source:Package}\t${source:Version}\n"
    facts = {line.split("\t")[0]: tuple(line.split("\t")) for line in lines("dpkg-query", "-W", "-f", shown, *wanted)}
    missing = [file for file in files if file not in owner]
    if missing:
        sys.exit("sbom: no Debian package has " + ", ".join(missing[:5]))
    return {file: facts[package] for file, package in owner.items()}


def spdx_id(package):
    return "SPDXRef-" + re.sub(r"[^A-Za-z0-9.-]", "-", package)


def describe(package):
    name, version, architecture, source, source_version = package
    name = name.split(":")[0]
    return {
        "SPDXID": spdx_id(name), "name": name, "versionInfo": version, "supplier": "Organization: Debian",
        "downloadLocation": "NOASSERTION", "filesAnalyzed": False, "licenseConcluded": "NOASSERTION",
        "licenseDeclared": "NOASSERTION", "copyrightText": "NOASSERTION",
        "sourceInfo": f"built from the Debian source package {source} {source_version}; "
                      f"its licences: /usr/share/doc/{name}/copyright",
        "externalRefs": [{"referenceCategory": "PACKAGE-MANAGER", "referenceType": "purl",
                          "referenceLocator": f"pkg:deb/debian/{name}@{version}?arch={architecture}"}]}


def bill(build, version, created, revision):
    direct, all_libraries = set(), {}
    for program in PROGRAMS:
        path = os.path.join(build, "bin", program)
        direct |= needed(path)
        all_libraries.update(loaded(path))
    compiled = headers(build)
    owner = owners(set(all_libraries.values()) | compiled)
    linked = {owner[file] for name, file in all_libraries.items() if name in direct}
    brought = {owner[file] for file in all_libraries.values()} - linked
    built_with = {owner[file] for file in compiled} - linked - brought
    root = {"SPDXID": "SPDXRef-penstock", "name": "penstock", "versionInfo": version,
            "supplier": "Organization: The Penstock authors", "downloadLocation": "NOASSERTION",
            "filesAnalyzed": False, "licenseConcluded": "Apache-2.0", "licenseDeclared": "Apache-2.0",
            "copyrightText": "NOASSERTION", "primaryPackagePurpose": "APPLICATION",
            "sourceInfo": f"git revision {revision}"}

    def relation(kind, package):
        other = spdx_id(package[0].split(":")[0])
        ends = (other, root["SPDXID"]) if kind.endswith("_OF") else (root["SPDXID"], other)
        return {"spdxElementId": ends[0], "relationshipType": kind, "relatedSpdxElement": ends[1]}

    return {
        "spdxVersion": "SPDX-2.3", "dataLicense": "CC0-1.0", "SPDXID": "SPDXRef-DOCUMENT",
        "name": f"penstock-{version}", "documentNamespace": f"https://penstock.invalid/sbom/{version}/{revision}",
        "creationInfo": {"created": created, "creators": ["Organization: The Penstock authors", "Tool: tools/sbom.py"]},
        "packages": [root, *(describe(package) for package in sorted(linked | brought | built_with))],
        "relationships": [
            {"spdxElementId": "SPDXRef-DOCUMENT", "relationshipType": "DESCRIBES", "relatedSpdxElement": root["SPDXID"]},
            *(relation("DYNAMIC_LINK", package) for package in sorted(linked)),
            *(relation("RUNTIME_DEPENDENCY_OF", package) for package in sorted(brought)),
            *(relation("BUILD_DEPENDENCY_OF", package) for package in sorted(built_with))]}


def main():
    build, version = sys.argv[1:]
    source = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))

    def git(*command):
        answer = subprocess.run(["git", "-C", source, *command], text=True, capture_output=True)
        return answer.stdout.strip() if answer.returncode == 0 else ""

    # The same build has the same bill.
    seconds = int(os.environ.get("SOURCE_DATE_EPOCH") or git("log", "-1", "--format=%ct") or 0)
    created = datetime.datetime.fromtimestamp(seconds, datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    json.dump(bill(build, version, created, git("rev-parse", "HEAD") or "unknown"), sys.stdout, indent=1)
    print()


main()
