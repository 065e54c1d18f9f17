#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The page of `penstock metrics report` in a real browser, on a telephone and on a desk. The pictures stay in the build
folder that is named, report/, to be looked at."""
import pathlib
import shutil
import struct
import subprocess
import sys
import unittest

from small_cluster import PATIENCE, SmallCluster

BUILD = pathlib.Path(sys.argv.pop()).resolve()
WIDTHS = (390, 1280)


@unittest.skipIf(shutil.which("chromium") is None, "chromium is not installed")
class ReportInBrowser(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.cluster = SmallCluster(BUILD)
        cls.addClassCleanup(cls.cluster.stop)
        cls.cluster.start()
        cls.pictures = BUILD / "report"
        cls.pictures.mkdir(exist_ok=True)
        cls.page = cls.pictures / "report.html"
        cls.cluster.penstock("metrics", "report", "--html", cls.page)

    def browse(self, *flags):
        return subprocess.run(["chromium", "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars",
                               "--enable-logging=stderr", f"--user-data-dir={self.cluster.folder}/browser", *flags,
                               self.page.as_uri()], capture_output=True, text=True, timeout=PATIENCE, check=True)

    def test_it_is_drawn_at_both_widths_without_a_complaint(self):
        for width in WIDTHS:
            picture = self.pictures / f"report-{width}.png"
            shown = self.browse(f"--screenshot={picture}", f"--window-size={width},6000")
            self.assertNotIn("CONSOLE", shown.stderr)
            self.assertEqual(struct.unpack(">II", picture.read_bytes()[16:24]), (width, 6000))

    def test_every_chart_has_its_table_in_what_the_browser_made_of_it(self):
        sections = self.browse("--dump-dom").stdout.split("<section")[1:]
        self.assertEqual(len(sections), 33)
        drawn = [section for section in sections if "<svg" in section]
        self.assertGreaterEqual(len(drawn), 30)
        for section in drawn:
            self.assertIn("<table", section)


if __name__ == "__main__":
    unittest.main()
