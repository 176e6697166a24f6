"""Sector models: from parameters with their sources to effects and indicators."""

from sector_models.abatement import joint_saving, lmdi, shapley
from sector_models.adoption import adopt
from sector_models.errors import SectorError
from sector_models.files import load, load_economy, names, provenance, sources
from sector_models.indicators import actual_reduction, ei, ner, vei
from sector_models.levers import Adoption, Affected, Consequence, UseCase
from sector_models.model import run
from sector_models.parameters import Parameter, Source
from sector_models.potential import economy_saving, saving_potential, segment_shares
from sector_models.records import Activity, Covered, Economy, Sector, Segment
from sector_models.totals import combine, sector_indicators

__all__ = [
    "Activity",
    "Adoption",
    "Affected",
    "Consequence",
    "Covered",
    "Economy",
    "Parameter",
    "Sector",
    "SectorError",
    "Segment",
    "Source",
    "UseCase",
    "actual_reduction",
    "adopt",
    "combine",
    "economy_saving",
    "ei",
    "joint_saving",
    "lmdi",
    "load",
    "load_economy",
    "names",
    "ner",
    "provenance",
    "run",
    "saving_potential",
    "sector_indicators",
    "segment_shares",
    "shapley",
    "sources",
    "vei",
]
