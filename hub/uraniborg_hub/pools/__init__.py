"""The pool broker: a Dask cluster for each who asks, under limits, gone with their lab.

A service of the hub, run beside it as `python -m uraniborg_hub.pools`. `limits` decides, a back end (`backend`)
acts, `lives` keeps the pools' states; `routes`, `dashboard` and `page` are the HTTP.
"""
