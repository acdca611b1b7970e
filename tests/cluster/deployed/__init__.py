"""The platform as it is deployed on a cluster, and the people who use it: what the cluster tests are written with."""
