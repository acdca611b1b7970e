"""A real Kubernetes on one Debian machine, without a container daemon, a VM or systemd.

Each node is a network namespace with its own containerd, kubelet and kube-proxy; the control plane runs beside them.
Every program is built from Go modules or comes from Debian, and nothing leaves the machine. The tests use it where
`KUBECONFIG` names no other cluster.
"""
