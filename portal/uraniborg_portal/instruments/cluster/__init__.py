"""Jobs on the workers of a Dask cluster, which the pool broker keeps for the portal.

Who trusts whom: `distributed` pickles between its own parties, so portal, scheduler and workers trust each other, and
nobody else gets in: every connection is TLS with certificates of the cluster's own authority on both sides. What users
say never travels as a pickle: a job is the name of an installed instrument and its checked parameters, as JSON text;
the answer is bytes, JSON and an archive from which nothing but plain files inside the job's folder is taken. Workers
run installed instruments only, each job in a process of its own, and hold no credential of database, storage or hub.
"""
