"""The table `ivoa.obscore`: its columns are those of ObsCore 1.1 (table 6, with errata 1 and 2)."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

from uraniborg_portal.adql.models import Table
from uraniborg_portal.catalogs.models import Column

NAME = "ivoa.obscore"
MODEL = "ivo://ivoa.net/std/ObsCore#core-1.1"
"""The data model as capabilities declare it."""
MODEL_NAME = "ObsCore-1.1"
TABLE_MODEL = "ivo://ivoa.net/std/obscore#table-1.1"
"""The utype of the table, by which registries know it."""
DESCRIPTION = "what the portal holds of images, time series and other datasets, as ObsCore 1.1 describes them"
IDENTIFIER = "obs_publisher_did"
"""The column whose values DataLink takes."""

_MIDDLE = "Char.SpatialAxis.Coverage.Location.Coord.Position2D.Value2"
_COLUMNS = (
    ("dataproduct_type", "char", None, "meta.code.class", "ObsDataset.dataProductType",
     "what the dataset is first of all"),
    ("dataproduct_subtype", "char", None, "meta.code.class", "ObsDataset.dataProductSubtype",
     "what it is in its maker's words"),
    ("calib_level", "int", None, "meta.code;obs.calib", "ObsDataset.calibLevel",
     "0 raw, 1 instrumental, 2 calibrated, 3 enhanced, 4 outcome of an analysis"),
    ("obs_collection", "char", None, "meta.id", "DataID.Collection", "collection that the dataset belongs to"),
    ("obs_id", "char", None, "meta.id", "DataID.observationID", "identifier of the observation"),
    ("obs_title", "char", None, "meta.title;obs", "DataID.Title", "title of the dataset"),
    ("obs_publisher_did", "char", None, "meta.ref.ivoid", "Curation.PublisherDID",
     "identifier of the dataset, for DataLink"),
    ("obs_creation_date", "char", None, "time;meta.dataset", "DataID.Date", "when the dataset was made"),
    ("access_url", "char", None, "meta.ref.url", "Access.Reference", "where the dataset is"),
    ("access_format", "char", None, "meta.code.mime", "Access.Format", "media type of what is at access_url"),
    ("access_estsize", "long", "kbyte", "phys.size;meta.file", "Access.Size",
     "size of the dataset, thousands of bytes"),
    ("target_name", "char", None, "meta.id;src", "Target.Name", "object that was observed"),
    ("s_ra", "double", "deg", "pos.eq.ra", f"{_MIDDLE}.C1", "right ascension of the middle, ICRS"),
    ("s_dec", "double", "deg", "pos.eq.dec", f"{_MIDDLE}.C2", "declination of the middle, ICRS"),
    ("s_fov", "double", "deg", "phys.angSize;instr.fov", "Char.SpatialAxis.Coverage.Bounds.Extent.diameter",
     "diameter of the region around the middle"),
    ("s_region", "char", None, "pos.outline;obs.field", "Char.SpatialAxis.Coverage.Support.Area",
     "where on the sky the dataset is, STC-S"),
    ("s_xel1", "long", None, "meta.number", "Char.SpatialAxis.numBins1", "pixels along the first axis on the sky"),
    ("s_xel2", "long", None, "meta.number", "Char.SpatialAxis.numBins2", "pixels along the second axis on the sky"),
    ("s_resolution", "double", "arcsec", "pos.angResolution", "Char.SpatialAxis.Resolution.Refval.value",
     "resolution on the sky"),
    ("t_min", "double", "d", "time.start;obs.exposure", "Char.TimeAxis.Coverage.Bounds.Limits.StartTime",
     "begin, MJD (UTC)"),
    ("t_max", "double", "d", "time.end;obs.exposure", "Char.TimeAxis.Coverage.Bounds.Limits.StopTime",
     "end, MJD (UTC)"),
    ("t_exptime", "double", "s", "time.duration;obs.exposure", "Char.TimeAxis.Coverage.Support.Extent",
     "exposure time"),
    ("t_resolution", "double", "s", "time.resolution", "Char.TimeAxis.Resolution.Refval.value", "resolution in time"),
    ("t_xel", "long", None, "meta.number", "Char.TimeAxis.numBins", "samples in time"),
    ("em_min", "double", "m", "em.wl;stat.min", "Char.SpectralAxis.Coverage.Bounds.Limits.LoLimit",
     "shortest wavelength"),
    ("em_max", "double", "m", "em.wl;stat.max", "Char.SpectralAxis.Coverage.Bounds.Limits.HiLimit",
     "longest wavelength"),
    ("em_res_power", "double", None, "spect.resolution", "Char.SpectralAxis.Resolution.ResolPower.refVal",
     "spectral resolving power"),
    ("em_xel", "long", None, "meta.number", "Char.SpectralAxis.numBins", "samples in the spectrum"),
    ("o_ucd", "char", None, "meta.ucd", "Char.ObservableAxis.ucd", "UCD of what was measured"),
    ("pol_states", "char", None, "meta.code;phys.polarization", "Char.PolarizationAxis.stateList",
     "polarization states"),
    ("pol_xel", "long", None, "meta.number", "Char.PolarizationAxis.numBins",
     "polarization states that are told apart"),
    ("facility_name", "char", None, "meta.id;instr.tel", "Provenance.ObsConfig.facility.name", "observatory"),
    ("instrument_name", "char", None, "meta.id;instr", "Provenance.ObsConfig.instrument.name",
     "instrument or detector"),
)  # fmt: skip
"""Name, datatype, unit, UCD, utype without its prefix, description."""
_OPTIONAL = frozenset({"dataproduct_subtype", "obs_creation_date"})
_XTYPES = {"s_region": "adql:REGION", "obs_creation_date": "timestamp"}

COLUMNS = tuple(
    Column(
        name=name, datatype=datatype, arraysize="*" if datatype == "char" else None, unit=unit, ucd=ucd,
        utype=f"obscore:{utype}", xtype=_XTYPES.get(name), description=text, principal=name not in _OPTIONAL,
    )
    for name, datatype, unit, ucd, utype, text in _COLUMNS
)  # fmt: skip
TABLE = Table(name=NAME, columns=COLUMNS, description=DESCRIPTION, utype=TABLE_MODEL, has_regions=True)


@cache
def linked(url: str) -> Table:
    """Give the table whose identifiers the DataLink service at a URL takes."""
    columns = tuple(replace(column, links=url) if column.name == IDENTIFIER else column for column in COLUMNS)
    return replace(TABLE, columns=columns)
