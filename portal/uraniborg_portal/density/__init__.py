"""Where on the sky a catalog has rows, and how many: its coverage (IVOA MOC 2.0) and its density as a HiPS 1.0."""
