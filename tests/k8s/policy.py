# SPDX-License-Identifier: Apache-2.0
"""What must hold of rendered manifests. Each rule takes the documents and yields what is wrong, one sentence each."""

WORKLOADS = ("Deployment", "StatefulSet", "DaemonSet", "Job")
# The most that a drain and the end of a page take is 10 s; the store is closed after it.
DRAIN_SECONDS = 10


def name_of(document):
    return f"{document['kind']} {document['metadata']['name']}"


def of_kind(documents, *kinds):
    return [document for document in documents if document["kind"] in kinds]


def template(workload):
    return workload["spec"]["template"]


def pod(workload):
    return template(workload)["spec"]


def containers(workload):
    return pod(workload).get("initContainers", []) + pod(workload)["containers"]


def selects(selector, labels):
    """Only matchLabels are used here; {} selects everything."""
    assert set(selector) <= {"matchLabels"}, selector
    return all(labels.get(key) == value for key, value in selector.get("matchLabels", {}).items())


def labels_of(workload):
    return template(workload)["metadata"]["labels"]


def namespaces_are_restricted(documents):
    for document in of_kind(documents, "Namespace"):
        if document["metadata"]["labels"].get("pod-security.kubernetes.io/enforce") != "restricted":
            yield f"{name_of(document)} does not enforce Pod Security 'restricted'"
    if not of_kind(documents, "Namespace"):
        yield "there is no Namespace"


def containers_are_restricted(documents):
    """Pod Security 'restricted', and beyond it: a read-only root, a fixed user, no token of the cluster."""
    for workload in of_kind(documents, *WORKLOADS):
        security = pod(workload).get("securityContext", {})
        where = name_of(workload)
        if security.get("runAsNonRoot") is not True or security.get("runAsUser") != 65532:
            yield f"{where} may run as another user than 65532"
        if security.get("seccompProfile", {}).get("type") != "RuntimeDefault":
            yield f"{where} has no seccomp profile"
        if pod(workload).get("automountServiceAccountToken") is not False:
            yield f"{where} gets a token of the cluster"
        for field in ("hostNetwork", "hostPID", "hostIPC", "shareProcessNamespace"):
            if pod(workload).get(field):
                yield f"{where} has {field}"
        for volume in pod(workload).get("volumes", []):
            if not set(volume) - {"name"} <= {"configMap", "secret", "emptyDir", "persistentVolumeClaim"}:
                yield f"{where} has the volume {volume['name']} of a forbidden type"
        for container in containers(workload):
            own = container.get("securityContext", {})
            what = f"{where}, container {container['name']}"
            if own.get("allowPrivilegeEscalation") is not False:
                yield f"{what} may gain privileges"
            if own.get("readOnlyRootFilesystem") is not True:
                yield f"{what} may write its root"
            if own.get("capabilities") != {"drop": ["ALL"]}:
                yield f"{what} keeps capabilities"
            if own.get("privileged") or own.get("runAsUser", 65532) != 65532 or "procMount" in own:
                yield f"{what} loosens what the pod says"
            if any("hostPort" in port for port in container.get("ports", [])):
                yield f"{what} takes a port of the host"


def images_are_pinned(documents):
    for workload in of_kind(documents, *WORKLOADS):
        for container in containers(workload):
            last = container["image"].rsplit("/", 1)[-1]
            tag = last.partition(":")[2]
            if "@sha256:" not in last and (tag in ("", "latest")):
                yield f"{name_of(workload)}, container {container['name']}: the image {container['image']} is not pinned"


def secrets_are_files(documents):
    """Never in the environment; mounted read-only, and not for everybody in the pod."""
    for workload in of_kind(documents, *WORKLOADS):
        secrets = set()
        for volume in pod(workload).get("volumes", []):
            if "secret" in volume:
                secrets.add(volume["name"])
                if volume["secret"].get("defaultMode", 0o644) & 0o337:
                    yield f"{name_of(workload)}: the files of volume {volume['name']} are for too many"
        for container in containers(workload):
            if container.get("env") or container.get("envFrom"):
                yield f"{name_of(workload)}, container {container['name']} has an environment; use files"
            for mount in container.get("volumeMounts", []):
                if mount["name"] in secrets and mount.get("readOnly") is not True:
                    yield f"{name_of(workload)}, container {container['name']} may write {mount['name']}"
    for document in of_kind(documents, "Secret"):
        yield f"{name_of(document)}: no secret belongs into a repository"


def policies_of(documents, workload, direction):
    for policy in of_kind(documents, "NetworkPolicy"):
        spec = policy["spec"]
        if direction in spec["policyTypes"] and selects(spec["podSelector"], labels_of(workload)):
            yield policy


def ports_of(workload):
    return {(port.get("protocol", "TCP"), port["containerPort"])
            for container in containers(workload) for port in container.get("ports", [])}


def network_is_denied_by_default(documents):
    for policy in of_kind(documents, "NetworkPolicy"):
        spec = policy["spec"]
        if spec["podSelector"] == {} and set(spec["policyTypes"]) == {"Ingress", "Egress"} \
                and not spec.get("ingress") and not spec.get("egress"):
            return
    yield "no NetworkPolicy denies everything by default"


def every_port_has_its_policy(documents):
    """Each port can be reached by whoever needs it, and by nobody else; nothing else can be reached."""
    for workload in of_kind(documents, *WORKLOADS):
        allowed = set()
        for policy in policies_of(documents, workload, "Ingress"):
            for rule in policy["spec"].get("ingress", []):
                if not rule.get("from") or not rule.get("ports") or {} in rule["from"]:
                    yield f"{name_of(policy)} lets anybody in, or to any port"
                for peer in rule.get("from", []):
                    if peer.get("podSelector") == {} or peer.get("namespaceSelector") == {}:
                        yield f"{name_of(policy)} lets anybody in"
                allowed |= {(port["protocol"], port["port"]) for port in rule.get("ports", [])}
        for port in ports_of(workload) - allowed:
            yield f"{name_of(workload)}: no NetworkPolicy covers port {port[1]}"
        for port in allowed - ports_of(workload):
            yield f"{name_of(workload)}: a NetworkPolicy opens port {port[1]}, which it does not have"


def nothing_goes_out_everywhere(documents):
    for policy in of_kind(documents, "NetworkPolicy"):
        for rule in policy["spec"].get("egress", []):
            if not rule.get("to") or not rule.get("ports"):
                yield f"{name_of(policy)} lets everything out"
            for peer in rule.get("to", []):
                block = peer.get("ipBlock", {})
                if block.get("cidr") == "0.0.0.0/0" and "169.254.0.0/16" not in block.get("except", []):
                    yield f"{name_of(policy)} lets out to the cloud's metadata address"


def workers_reach_the_coordinator(documents):
    """And only fetch workers and load workers reach the world."""
    coordinators = [w for w in of_kind(documents, "StatefulSet")]
    for workload in of_kind(documents, "Deployment"):
        reached = set()
        for policy in policies_of(documents, workload, "Egress"):
            for rule in policy["spec"].get("egress", []):
                for peer in rule.get("to", []):
                    for coordinator in coordinators:
                        if "podSelector" in peer and selects(peer["podSelector"], labels_of(coordinator)):
                            reached |= {port["port"] for port in rule["ports"]}
        if 7417 not in reached:
            yield f"{name_of(workload)} cannot reach the coordinator"
    for coordinator in coordinators:
        for policy in policies_of(documents, coordinator, "Egress"):
            if any("ipBlock" in peer for rule in policy["spec"].get("egress", []) for peer in rule.get("to", [])):
                yield f"{name_of(policy)} lets the coordinator out of the cluster"


def drains_are_never_blocked(documents):
    for workload in of_kind(documents, "Deployment", "StatefulSet"):
        budgets = [budget for budget in of_kind(documents, "PodDisruptionBudget")
                   if selects(budget["spec"]["selector"], labels_of(workload))]
        if len(budgets) != 1:
            # With two, the eviction of a pod is refused.
            yield f"{name_of(workload)} has {len(budgets)} disruption budgets instead of 1"
    for budget in of_kind(documents, "PodDisruptionBudget"):
        if "minAvailable" in budget["spec"] or budget["spec"].get("maxUnavailable") in (None, 0, "0%"):
            yield f"{name_of(budget)} can block a drain"


def processes_may_end_in_order(documents):
    for workload in of_kind(documents, *WORKLOADS):
        if pod(workload).get("terminationGracePeriodSeconds", 30) < 2 * DRAIN_SECONDS:
            yield f"{name_of(workload)} is killed while it drains"
        for container in containers(workload):
            resources = container.get("resources", {})
            if not {"cpu", "memory"} <= set(resources.get("requests", {})) or "memory" not in resources.get("limits", {}):
                yield f"{name_of(workload)}, container {container['name']} does not say what it needs"
            if "lifecycle" in container:
                yield f"{name_of(workload)}, container {container['name']} needs no hook: SIGTERM drains it"


def selectors_are_apart(documents):
    """Each workload owns its pods alone, and each Service finds one workload and its port."""
    workloads = of_kind(documents, *WORKLOADS)
    for workload in workloads:
        owners = [w for w in workloads if selects(w["spec"]["selector"], labels_of(workload))]
        if owners != [workload]:
            yield f"{name_of(workload)}: its pods belong to {len(owners)} workloads"
    for service in of_kind(documents, "Service"):
        found = [w for w in workloads if selects({"matchLabels": service["spec"]["selector"]}, labels_of(w))]
        if len(found) != 1:
            yield f"{name_of(service)} finds {len(found)} workloads"
            continue
        names = {port["name"] for container in containers(found[0]) for port in container.get("ports", [])}
        for port in service["spec"]["ports"]:
            if port["targetPort"] not in names:
                yield f"{name_of(service)}: {name_of(found[0])} has no port {port['targetPort']}"


RULES = [namespaces_are_restricted, containers_are_restricted, images_are_pinned, secrets_are_files,
         network_is_denied_by_default, every_port_has_its_policy, nothing_goes_out_everywhere,
         workers_reach_the_coordinator, drains_are_never_blocked, processes_may_end_in_order, selectors_are_apart]


def findings(documents):
    return [finding for rule in RULES for finding in rule(documents)]
