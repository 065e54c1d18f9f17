#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The Debian package, made of the build in the folder that is named: what is in it, and that it works as unpacked."""
import gzip
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

BUILD = pathlib.Path(sys.argv.pop()).resolve()
SOURCE = pathlib.Path(__file__).resolve().parents[2]
UNITS = ("penstock-coordinator.service", "penstock-worker.service")
BINARIES = ("penstock", "penstock-coordinator", "penstock-worker", "penstock-sandbox")


def run(*command, **options):
    return subprocess.run([str(word) for word in command], check=True, text=True, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, **options).stdout


class Package(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(tempfile.mkdtemp(prefix="package_test."))
        cls.addClassCleanup(shutil.rmtree, cls.folder)
        run("cmake", "--build", BUILD, "--target", "package_files")
        run("cpack", "--config", BUILD / "CPackConfig.cmake", "-B", cls.folder, "-D", "CPACK_DEBIAN_COMPRESSION_TYPE=none")
        (cls.package,) = cls.folder.glob("penstock_*.deb")
        cls.root = cls.folder / "root"
        run("dpkg-deb", "-x", cls.package, cls.root)

    def field(self, name):
        return run("dpkg-deb", "-f", self.package, name).strip()

    def unit(self, name):
        return (self.root / "usr/lib/systemd/system" / name).read_text()

    def test_what_it_needs_is_named(self):
        needs = self.field("Depends")
        for name in ("libgrpc++", "librocksdb", "libcurl4", "libpq5", "libsqlite3-0", "ca-certificates", "tzdata"):
            self.assertIn(name, needs)
        self.assertEqual(self.field("Package"), "penstock")

    def test_the_bill_of_materials_has_what_the_package_needs_and_more(self):
        bill = json.loads((self.root / "usr/share/doc/penstock/sbom.spdx.json").read_text())
        known = {package["SPDXID"]: package for package in bill["packages"]}
        self.assertEqual(len(known), len(bill["packages"]))
        kinds = {}
        for relation in bill["relationships"]:
            ends = {relation["spdxElementId"], relation["relatedSpdxElement"]} - {"SPDXRef-DOCUMENT"}
            self.assertLessEqual(ends, set(known))
            other = ends - {"SPDXRef-penstock"}
            kinds.setdefault(relation["relationshipType"], set()).update(known[end]["name"] for end in other)
        # Debian's own tool has looked at the same programs.
        needs = {word.split()[0] for word in self.field("Depends").split(", ")} - {"ca-certificates", "tzdata"}
        provided = run("dpkg-query", "-W", "-f", "${Provides}, ", *kinds["DYNAMIC_LINK"])
        self.assertLessEqual(needs, kinds["DYNAMIC_LINK"] | {word.split()[0] for word in provided.split(", ") if word})
        self.assertIn("libcli11-dev", kinds["BUILD_DEPENDENCY_OF"])  # headers only
        for package in known.values():
            self.assertTrue(package["versionInfo"])
            if package["name"] != "penstock":
                self.assertRegex(package["externalRefs"][0]["referenceLocator"], r"^pkg:deb/debian/\S+@\S+\?arch=\w+$")

    def test_every_program_runs_as_unpacked(self):
        version = self.field("Version")
        self.assertEqual(run(self.root / "usr/bin/penstock", "version"), f"penstock {version}\n")
        for name in BINARIES:
            self.assertIn("--help", run(self.root / "usr/bin" / name, "--help"))

    def test_the_programs_are_hardened(self):
        for name in BINARIES:
            program = self.root / "usr/bin" / name
            self.assertIn("Type:                              DYN", run("readelf", "-h", program))
            segments = run("readelf", "-l", "-W", program)
            self.assertIn("GNU_RELRO", segments)
            self.assertRegex(segments, r"GNU_STACK .* RW ")
            self.assertRegex(run("readelf", "-d", program), r"FLAGS_1.*NOW.*PIE")
            self.assertIn("__stack_chk_fail", run("readelf", "--dyn-syms", "-W", program))

    def test_the_manual_and_the_completion_are_of_these_programs(self):
        manual = gzip.decompress((self.root / "usr/share/man/man1/penstock.1.gz").read_bytes()).decode()
        self.assertIn(f"penstock {self.field('Version')}", manual)
        penstock = self.root / "usr/bin/penstock"
        for shell, place in (("bash", "bash-completion/completions/penstock"),
                             ("zsh", "zsh/vendor-completions/_penstock"),
                             ("fish", "fish/vendor_completions.d/penstock.fish")):
            self.assertEqual((self.root / "usr/share" / place).read_text(), run(penstock, "completion", shell))

    def test_its_example_is_a_valid_configuration(self):
        example = self.root / "usr/share/doc/penstock/examples/penstock.yaml"
        self.assertRegex(run(self.root / "usr/bin/penstock", "config", "check", example), r"is\s+valid")

    def test_secrets_are_for_root_and_nothing_is_writable_by_others(self):
        listing = run("dpkg-deb", "-c", self.package)
        self.assertRegex(listing, r"(?m)^drwx------ root/root .* \./etc/penstock/secrets/$")
        for line in listing.splitlines():
            self.assertRegex(line, r"^[-d]r.x?-?.?", line)
            self.assertNotRegex(line, r"^.{5}w|^.{8}w|^...[sS]|^......[sS]", line)
            self.assertIn(" root/root ", line)

    def test_systemd_finds_nothing_to_criticise_in_the_services(self):
        if shutil.which("systemd-analyze") is None:
            self.skipTest("systemd is not installed")
        for name in UNITS:
            # It looks for the programs on this machine.
            unit = self.folder / name
            unit.write_text(self.unit(name).replace("/usr/bin/", f"{self.root}/usr/bin/"))
            self.assertEqual(run("systemd-analyze", "verify", "--man=no", unit), "")
            exposure = run("systemd-analyze", "security", "--offline=true", "--threshold=20", unit)
            self.assertIn("OK", exposure.splitlines()[-1])

    def test_the_services_only_use_what_the_programs_take(self):
        for name in UNITS:
            command = re.search(r"^ExecStart=(.+)$", self.unit(name), re.M).group(1).split()
            described = run(self.root / command[0].lstrip("/"), "--help")
            for word in command[1:]:
                if word.startswith("--"):
                    self.assertIn(f"  {word} ", described)

    def test_a_service_has_no_secret_but_the_workers(self):
        self.assertNotIn("LoadCredential", self.unit("penstock-coordinator.service"))
        self.assertIn("LoadCredential=secret:/etc/penstock/secrets", self.unit("penstock-worker.service"))

    def test_its_scripts_are_scripts(self):
        control = self.folder / "control"
        run("dpkg-deb", "-e", self.package, control)
        for name in ("postinst", "prerm", "postrm"):
            run("sh", "-n", control / name)
            self.assertTrue(os.access(control / name, os.X_OK))
            # Where no systemd runs, as in a container, they do nothing.
            if not pathlib.Path("/run/systemd/system").exists():
                self.assertEqual(run(control / name, "configure"), "")


if __name__ == "__main__":
    unittest.main()
