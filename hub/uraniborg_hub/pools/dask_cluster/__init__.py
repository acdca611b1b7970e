"""Pools as DaskCluster objects of a Kubernetes cluster: the broker's second back end.

`manifest`, `pod_spec`, `policies`, `certificates`, `record`, `reasons` and `shrinking` decide and know no network;
`api` and `scheduler` speak HTTP; `pool` and `backend` act. All state is in the objects: a broker that restarts
reads it.
"""
