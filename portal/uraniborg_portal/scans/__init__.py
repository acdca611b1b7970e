"""The scan lane on a cluster: steps of long queries are answered by the workers of the portal's Dask cluster.

A worker answers a step as the portal itself does: in a process of its own, in the sandbox, which can open the folders
of the catalogs and nothing else. It sees the files at the paths that the portal has them under.
"""
