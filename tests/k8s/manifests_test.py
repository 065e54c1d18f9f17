#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The overlays as kustomize renders them: valid by the schemas of Kubernetes, by our policies, and by the programs that
they start, which are those of the build in the folder that is named."""
import copy
import os
import pathlib
import re
import shutil
import subprocess
import sys
import unittest

SOURCE = pathlib.Path(__file__).resolve().parents[2]
TOOLS = SOURCE / "build/kubernetes/bin"
if TOOLS.is_dir() and pathlib.Path(sys.prefix) != TOOLS.parent:
    os.execv(TOOLS / "python3", [TOOLS / "python3", __file__, *sys.argv[1:]])
BUILD = pathlib.Path(sys.argv.pop()).resolve()
sys.path.insert(0, str(pathlib.Path(__file__).parent))
import policy  # noqa: E402

try:
    import kubernetes_validate
    import yaml
except ImportError:
    print("skipped: kubernetes-validate is not installed; ./dev test installs it")
    sys.exit(0)

OVERLAYS = ("single", "large", "multi-source")
# The oldest that knows every field that we use, and the newest that the schemas are there for.
VERSIONS = ("1.27", "1.37")
# Of Prometheus's operator, whose schemas Kubernetes does not have.
FOREIGN = {"PrometheusRule", "ServiceMonitor"}


def kustomize():
    for command in ([str(TOOLS / "kustomize"), "build"], ["kustomize", "build"], ["kubectl", "kustomize"]):
        if shutil.which(command[0]):
            return command
    return None


class Manifests(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        command = kustomize()
        if command is None:
            raise unittest.SkipTest("there is neither kustomize nor kubectl; ./dev test builds one")
        cls.rendered = {}
        for overlay in OVERLAYS:
            text = subprocess.run([*command, SOURCE / "k8s/overlays" / overlay], check=True, capture_output=True,
                                  text=True).stdout
            cls.rendered[overlay] = list(yaml.safe_load_all(text))

    def each(self):
        return self.rendered.values()

    def test_every_manifest_is_valid_for_kubernetes(self):
        for documents in self.each():
            for document in documents:
                if document["kind"] in FOREIGN:
                    self.assertEqual(document["apiVersion"], "monitoring.coreos.com/v1")
                    continue
                for version in VERSIONS:
                    kubernetes_validate.validate(document, version, strict=True)

    def test_no_policy_is_broken(self):
        for documents in self.each():
            self.assertEqual(policy.findings(documents), [])

    def test_everything_is_in_one_namespace(self):
        for documents in self.each():
            for document in documents:
                if document["kind"] != "Namespace":
                    self.assertEqual(document["metadata"].get("namespace"), "penstock", policy.name_of(document))

    def test_the_programs_take_the_flags(self):
        helps = {}
        for documents in self.each():
            for workload in policy.of_kind(documents, *policy.WORKLOADS):
                for container in policy.containers(workload):
                    if not container["command"][0].startswith("/usr/bin/penstock"):
                        continue
                    program = BUILD / "bin" / pathlib.Path(container["command"][0]).name
                    if program not in helps:
                        helps[program] = subprocess.run([program, "--help"], check=True, capture_output=True,
                                                        text=True).stdout
                    for argument in container["args"]:
                        flag = argument.partition("=")[0]
                        self.assertRegex(helps[program], rf"(?m)^  {flag}\b")

    def test_the_configuration_is_valid_and_its_files_are_mounted(self):
        for overlay, documents in self.rendered.items():
            with self.subTest(overlay=overlay):
                file = SOURCE / "k8s/overlays" / overlay / "penstock.yaml"
                checked = subprocess.run([BUILD / "bin/penstock", "config", "check", file], capture_output=True, text=True)
                self.assertEqual(checked.returncode, 0, checked.stderr)
                (config,) = [d for d in policy.of_kind(documents, "ConfigMap") if "penstock.yaml" in d["data"]]
                named = set(re.findall(r"/run/penstock/[\w/.]+", config["data"]["penstock.yaml"]))
                mounted = [mount["mountPath"] for workload in policy.of_kind(documents, *policy.WORKLOADS)
                           for container in policy.containers(workload) for mount in container["volumeMounts"]]
                for path in named:
                    self.assertTrue(any(path.startswith(place + "/") for place in mounted), path)

    def test_the_processes_of_a_pod_have_the_secrets_of_their_task_only(self):
        for documents in self.each():
            for workload in policy.of_kind(documents, *policy.WORKLOADS):
                secrets = {volume["secret"]["secretName"] for volume in policy.pod(workload)["volumes"] if "secret" in volume}
                task = workload["metadata"]["labels"]["app.kubernetes.io/component"]
                source = "source" if task == "fetch" else "warehouse"
                suffix = policy.labels_of(workload).get("penstock.dev/source")
                suffix = f"-{suffix}" if suffix else ""
                expected = {f"penstock-worker-tls{suffix}", f"penstock-{source}{suffix}"}
                self.assertEqual(secrets, {"penstock-coordinator-tls"} if task == "coordinator" else expected)

    def test_a_changed_configuration_restarts_every_process(self):
        for documents in self.each():
            (config,) = [d for d in policy.of_kind(documents, "ConfigMap") if "penstock.yaml" in d["data"]]
            self.assertRegex(config["metadata"]["name"], r"^penstock-config-\w{10}$")
            for workload in policy.of_kind(documents, *policy.WORKLOADS):
                names = [volume["configMap"]["name"] for volume in policy.pod(workload)["volumes"] if "configMap" in volume]
                self.assertIn(config["metadata"]["name"], names, policy.name_of(workload))

    def test_the_autoscaler_scales_a_deployment_that_leaves_it_the_number(self):
        documents = self.rendered["large"]
        (scaler,) = policy.of_kind(documents, "HorizontalPodAutoscaler")
        (target,) = [d for d in policy.of_kind(documents, "Deployment")
                     if d["metadata"]["name"] == scaler["spec"]["scaleTargetRef"]["name"]]
        self.assertNotIn("replicas", target["spec"])
        # Its metric counts windows, and each pod reads one.
        self.assertIn("--fetch=1", target["spec"]["template"]["spec"]["containers"][0]["args"])
        self.assertEqual(scaler["spec"]["metrics"][0]["external"]["target"]["averageValue"], "1")

    def test_each_policy_can_fail(self):
        def coordinator(documents):
            return policy.of_kind(documents, "StatefulSet")[0]

        def worker(documents):
            return policy.of_kind(documents, "Deployment")[0]

        def network(documents, name):
            return next(d for d in policy.of_kind(documents, "NetworkPolicy") if d["metadata"]["name"] == name)

        def container(documents):
            return policy.containers(coordinator(documents))[0]

        breaches = [
            ("Pod Security", lambda d: d[0]["metadata"]["labels"].clear()),
            ("another user", lambda d: policy.pod(worker(d))["securityContext"].pop("runAsUser")),
            ("seccomp", lambda d: policy.pod(worker(d))["securityContext"].pop("seccompProfile")),
            ("token of the cluster", lambda d: policy.pod(worker(d)).pop("automountServiceAccountToken")),
            ("hostNetwork", lambda d: policy.pod(worker(d)).update(hostNetwork=True)),
            ("forbidden type", lambda d: policy.pod(worker(d))["volumes"].append({"name": "h", "hostPath": {"path": "/"}})),
            ("gain privileges", lambda d: container(d)["securityContext"].pop("allowPrivilegeEscalation")),
            ("write its root", lambda d: container(d)["securityContext"].update(readOnlyRootFilesystem=False)),
            ("keeps capabilities", lambda d: container(d)["securityContext"]["capabilities"].update(add=["NET_ADMIN"])),
            ("loosens", lambda d: container(d)["securityContext"].update(privileged=True)),
            ("port of the host", lambda d: container(d)["ports"][0].update(hostPort=80)),
            ("not pinned", lambda d: container(d).update(image="r/penstock:latest")),
            ("not pinned", lambda d: container(d).update(image="r:5000/penstock")),
            ("too many", lambda d: policy.pod(worker(d))["volumes"][1]["secret"].pop("defaultMode")),
            ("environment", lambda d: container(d).update(env=[{"name": "K", "value": "v"}])),
            ("may write tls", lambda d: container(d)["volumeMounts"][1].pop("readOnly")),
            ("belongs into a repository", lambda d: d.append({"kind": "Secret", "metadata": {"name": "s"}})),
            ("by default", lambda d: d.remove(network(d, "default-deny"))),
            ("lets anybody in", lambda d: network(d, "coordinator")["spec"]["ingress"][0].pop("from")),
            ("covers port 7417", lambda d: d.remove(network(d, "coordinator"))),
            ("opens port", lambda d: container(d)["ports"].clear()),
            ("lets everything out", lambda d: network(d, "dns")["spec"]["egress"][0].pop("to")),
            ("metadata address", lambda d: network(d, "fetch")["spec"]["egress"][0]["to"][0]["ipBlock"].pop("except")),
            ("cannot reach", lambda d: d.remove(network(d, "workers"))),
            ("out of the cluster", lambda d: network(d, "fetch")["spec"].update(podSelector={})),
            ("0 disruption budgets", lambda d: d.remove(policy.of_kind(d, "PodDisruptionBudget")[0])),
            ("block a drain", lambda d: policy.of_kind(d, "PodDisruptionBudget")[0]["spec"].update(minAvailable=1)),
            ("killed while", lambda d: policy.pod(worker(d)).update(terminationGracePeriodSeconds=5)),
            ("what it needs", lambda d: container(d).pop("resources")),
            ("needs no hook", lambda d: container(d).update(lifecycle={})),
            ("belong to 2", lambda d: d.append(copy.deepcopy(worker(d)))),
            ("finds 0", lambda d: policy.of_kind(d, "Service")[0]["spec"]["selector"].update(a="b")),
            ("has no port", lambda d: policy.of_kind(d, "Service")[0]["spec"]["ports"][0].update(targetPort="x")),
        ]
        for expected, breach in breaches:
            with self.subTest(expected=expected):
                documents = copy.deepcopy(self.rendered["single"])
                breach(documents)
                self.assertTrue(any(expected in finding for finding in policy.findings(documents)),
                                policy.findings(documents))


if __name__ == "__main__":
    unittest.main()
