#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""HAProxy with the configuration of the component `monitoring`, before a page on loopback: who shows no certificate of the
authority gets nothing."""
import http.client
import http.server
import pathlib
import shutil
import socket
import ssl
import subprocess
import tempfile
import threading
import unittest
import urllib.error
import urllib.request

CONFIG = pathlib.Path(__file__).resolve().parents[2] / "k8s/components/monitoring/haproxy.cfg"
PATIENCE = 30


class Page(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"penstock_workers 1\n")

    def log_message(self, *arguments):
        pass


class MetricsDoor(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        if shutil.which("haproxy") is None:
            raise unittest.SkipTest("haproxy is not installed")
        cls.folder = pathlib.Path(tempfile.mkdtemp(prefix="metrics_door_test."))
        cls.addClassCleanup(shutil.rmtree, cls.folder)
        for name in ("ca", "stranger"):
            cls.openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "1", "-subj",
                        f"/CN={name}", "-keyout", f"{name}.key", "-out", f"{name}.crt")
        cls.signed("coordinator", "ca")
        cls.signed("prometheus", "ca")
        cls.signed("intruder", "stranger")
        (cls.folder / "tls.pem").write_text((cls.folder / "coordinator.crt").read_text())
        (cls.folder / "tls.pem.key").write_text((cls.folder / "coordinator.key").read_text())
        page = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Page)
        threading.Thread(target=page.serve_forever, daemon=True).start()
        cls.addClassCleanup(page.server_close)
        cls.addClassCleanup(page.shutdown)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            cls.port = probe.getsockname()[1]
        config = CONFIG.read_text()
        for here, there in ((":9465", f"127.0.0.1:{cls.port}"), ("127.0.0.1:9464", f"127.0.0.1:{page.server_port}"),
                            ("/run/penstock/tls", str(cls.folder))):
            assert here in config, here
            config = config.replace(here, there)
        (cls.folder / "haproxy.cfg").write_text(config)
        subprocess.run(["haproxy", "-c", "-q", "-f", cls.folder / "haproxy.cfg"], check=True)
        door = subprocess.Popen(["haproxy", "-W", "-f", cls.folder / "haproxy.cfg"], stderr=subprocess.PIPE, text=True)
        cls.addClassCleanup(door.stderr.close)
        cls.addClassCleanup(door.wait, PATIENCE)
        cls.addClassCleanup(door.terminate)
        for line in door.stderr:
            if "Loading success" in line:
                break

    @classmethod
    def openssl(cls, *words):
        subprocess.run(["openssl", *words], check=True, cwd=cls.folder, capture_output=True)

    @classmethod
    def signed(cls, name, authority):
        cls.openssl("req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", f"/CN={name}",
                    "-addext", "subjectAltName=DNS:penstock-coordinator,IP:127.0.0.1", "-keyout", f"{name}.key", "-out", f"{name}.csr")
        cls.openssl("x509", "-req", "-in", f"{name}.csr", "-CA", f"{authority}.crt", "-CAkey", f"{authority}.key", "-days", "1",
                    "-copy_extensions", "copy", "-out", f"{name}.crt")

    def fetch(self, path, certificate=None):
        context = ssl.create_default_context(cafile=self.folder / "ca.crt")
        if certificate:
            context.load_cert_chain(self.folder / f"{certificate}.crt", self.folder / f"{certificate}.key")
        with urllib.request.urlopen(f"https://127.0.0.1:{self.port}{path}", timeout=PATIENCE, context=context) as answer:
            return answer.read().decode()

    def test_a_certificate_of_the_authority_opens_it(self):
        self.assertEqual(self.fetch("/metrics", "prometheus"), "penstock_workers 1\n")

    def test_without_one_or_with_a_strangers_there_is_no_answer(self):
        for certificate in (None, "intruder"):
            with self.assertRaises(OSError) as refused:
                self.fetch("/metrics", certificate)
            self.assertNotIsInstance(refused.exception, urllib.error.HTTPError)

    def test_plain_text_is_not_answered(self):
        with self.assertRaises((OSError, http.client.HTTPException)):
            urllib.request.urlopen(f"http://127.0.0.1:{self.port}/metrics", timeout=PATIENCE)

    def test_nothing_but_the_page_is_served(self):
        with self.assertRaises(urllib.error.HTTPError) as refused:
            self.fetch("/", "prometheus")
        self.assertEqual(refused.exception.code, 403)
        refused.exception.close()


if __name__ == "__main__":
    unittest.main()
