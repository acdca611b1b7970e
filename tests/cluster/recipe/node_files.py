"""What containerd, the kubelet and the network plugins of a node read, and the processes that read it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from recipe.addresses import DNS, HOST, PODS, REGISTRY, REGISTRY_NAME, node_address, node_name, pod_network
from recipe.folders import Folders
from recipe.processes import Process

CRI = 'plugins."io.containerd.grpc.v1.cri"'


@dataclass(frozen=True, kw_only=True)
class Node:
    """One node of a cluster."""

    number: int
    nodes: int
    """How many the cluster has."""
    most_pods: int

    @property
    def name(self) -> str:
        """Of the node, of its network namespace, of its folder."""
        return node_name(self.number)

    @property
    def address(self) -> str:
        """Its address among the machines."""
        return node_address(self.number)

    @property
    def others(self) -> list[int]:
        """The numbers of the other nodes."""
        return [number for number in range(1, self.nodes + 1) if number != self.number]


def socket(folders: Folders, node: Node) -> str:
    """Give the path of containerd's socket."""
    return f"{folders.run}/{node.name}.sock"


def files(folders: Folders, node: Node) -> dict[str, str]:
    """Give the node's files: path below its folder to text."""
    return {
        "cni/10-pods.conflist": json.dumps(pod_networks(folders, node)),
        f"certs.d/{REGISTRY_NAME}/hosts.toml": registry_hosts(),
        "containerd.toml": containerd(folders, node),
        "kubelet.yaml": json.dumps(kubelet(folders, node)),
        "resolv.conf": f"nameserver {HOST}\n",
    }


def pod_networks(folders: Folders, node: Node) -> dict[str, Any]:
    """Give the CNI's configuration: a cable from each pod to its node, addresses of the node's own range."""
    addresses = {
        "type": "host-local",
        "ranges": [[{"subnet": pod_network(node.number)}]],
        "routes": [{"dst": "0.0.0.0/0"}],
        "dataDir": str(folders.node(node.name) / "addresses"),
    }
    ports = {"type": "portmap", "capabilities": {"portMappings": True}}
    return {"cniVersion": "0.4.0", "name": "pods", "plugins": [{"type": "ptp", "ipam": addresses}, ports]}


def registry_hosts() -> str:
    """Give where containerd finds the images of our registry's name."""
    server = f"http://{REGISTRY}"
    return f'server = "{server}"\n[host."{server}"]\ncapabilities = ["pull", "resolve"]\n'


def containerd(folders: Folders, node: Node) -> str:
    """Give containerd's configuration."""
    root = folders.node(node.name)
    return (
        f'version = 2\nroot = "{root}/containerd"\nstate = "{folders.run}/{node.name}"\n'
        f'[grpc]\naddress = "{socket(folders, node)}"\n'
        f'[{CRI}]\nsandbox_image = "{REGISTRY_NAME}/pause:1"\nnetns_mounts_under_state_dir = true\n'
        # Machines without CAP_SYS_RESOURCE may not make a process less likely to be killed.
        "restrict_oom_score_adj = true\n"
        f'[{CRI}.cni]\nbin_dir = "/usr/lib/cni"\nconf_dir = "{root}/cni"\n'
        f'[{CRI}.registry]\nconfig_path = "{root}/certs.d"\n'
    )


def kubelet(folders: Folders, node: Node) -> dict[str, Any]:
    """Give the kubelet's configuration."""
    root = folders.node(node.name)
    return {
        "apiVersion": "kubelet.config.k8s.io/v1beta1",
        "kind": "KubeletConfiguration",
        "address": node.address,
        "authentication": {
            "x509": {"clientCAFile": str(folders.pki / "ca.crt")},
            "webhook": {"enabled": True},
            "anonymous": {"enabled": False},
        },
        "authorization": {"mode": "Webhook"},
        "clusterDNS": [DNS],
        "clusterDomain": "cluster.local",
        "containerRuntimeEndpoint": f"unix://{socket(folders, node)}",
        "maxPods": node.most_pods,
        "resolvConf": str(root / "resolv.conf"),
        "podLogsDir": str(root / "logs"),
        "serializeImagePulls": False,
        "nodeStatusUpdateFrequency": "5s",
        **_resources(node),
    }


def _resources(node: Node) -> dict[str, Any]:
    return {
        "cgroupDriver": "cgroupfs",
        "cgroupRoot": f"/uraniborg/{node.name}",
        "failCgroupV1": False,
        "failSwapOn": False,
        "enforceNodeAllocatable": [],
        "localStorageCapacityIsolation": True,
        # The disk is the machine's own: only when it is nearly full are images and pods removed.
        "evictionHard": {"memory.available": "200Mi", "nodefs.available": "2%", "imagefs.available": "2%"},
        "imageGCHighThresholdPercent": 98,
        "imageGCLowThresholdPercent": 96,
    }


def containerd_process(folders: Folders, node: Node) -> Process:
    """Give the node's container runtime."""
    argv = ("containerd", "--config", f"{folders.node(node.name)}/containerd.toml", "--log-level", "warn")
    return Process(name=f"{node.name}-containerd", argv=argv, network=node.name)


def kubelet_process(folders: Folders, node: Node) -> Process:
    """Give the node's agent; each node is a zone of its own."""
    root = folders.node(node.name)
    argv = (
        *(f"{folders.programs}/kube", "kubelet", f"--config={root}/kubelet.yaml"),
        *(f"--kubeconfig={folders.pki}/{node.name}.kubeconfig", f"--hostname-override={node.name}"),
        *(f"--node-ip={node.address}", f"--root-dir={root}/kubelet"),
        f"--node-labels=topology.kubernetes.io/zone={node.name}",
    )
    return Process(name=f"{node.name}-kubelet", argv=argv, network=node.name)


def proxy_process(folders: Folders, node: Node) -> Process:
    """Give the node's kube-proxy; the host's own limits of tracked connections stay as they are."""
    argv = (
        *(f"{folders.programs}/kube", "proxy", f"--kubeconfig={folders.pki}/proxy.kubeconfig"),
        *(f"--hostname-override={node.name}", "--proxy-mode=iptables", f"--cluster-cidr={PODS}"),
        *("--conntrack-max-per-core=0", "--conntrack-tcp-timeout-established=0s"),
        "--conntrack-tcp-timeout-close-wait=0s",
    )
    return Process(name=f"{node.name}-proxy", argv=argv, network=node.name)
