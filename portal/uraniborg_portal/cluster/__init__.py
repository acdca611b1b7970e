"""The Dask cluster that the pool broker keeps for the portal: jobs and steps of long queries run on its workers.

Who trusts whom: `distributed` pickles between its own parties, so portal, scheduler and workers trust each other, and
nobody else gets in: every connection is TLS with certificates of the cluster's own authority on both sides. What users
say never travels as a pickle: a task is asked with JSON text and bytes, and answers with bytes. Workers hold no
credential of database, storage or hub.
"""
