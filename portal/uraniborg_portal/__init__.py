"""The portal of Uraniborg: catalogs, instruments, shares and training sessions over HTTP."""
