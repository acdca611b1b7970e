"""Jobs on the workers of the portal's Dask cluster.

A job is the name of an installed instrument and its checked parameters; the answer is JSON and an archive from which
nothing but plain files inside the job's folder is taken. Workers run installed instruments only, each job in a process
of its own.
"""
