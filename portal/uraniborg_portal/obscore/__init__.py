"""ObsCore 1.1: what the portal holds of images, spectra, time series, as rows of `ivoa.obscore`."""
