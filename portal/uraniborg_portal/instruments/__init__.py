"""Instrument queries: one file per instrument, jobs, products.

A new instrument is one file and one line:

- the file declares a subclass of `parameters.Parameters` (each field with title, description, default and bounds;
  `Seconds`, `Hertz` and their like carry the unit) and a function `run(parameters, inputs, report)` that gives a
  `models.Product`; it ends with `INSTRUMENT = models.Instrument(...)`;
- the line is an entry point of the group `uraniborg.instruments` that names it.

Form, widget, JSON Schema, validation, command line, job, cache, provenance and files follow from those.
"""
