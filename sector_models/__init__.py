"""Sector models: from parameters with their sources to effects and indicators."""

from sector_models.abatement import joint_saving, lmdi, shapley
from sector_models.account import account_provenance
from sector_models.adoption import adopt
from sector_models.cards import scorecard_names, scorecard_template
from sector_models.casebook import Case, case, case_sources, cases
from sector_models.errors import SectorError
from sector_models.files import load, load_economy, names, provenance, sources
from sector_models.ict import data_centre, data_centre_check, ewaste_recycling, ict_footprint
from sector_models.indicators import actual_reduction, ei, ner, vei
from sector_models.levers import Adoption, Affected, Consequence, UseCase
from sector_models.model import run
from sector_models.parameters import Parameter, Source
from sector_models.potential import economy_saving, saving_potential, segment_shares
from sector_models.records import Activity, Covered, Economy, Sector, Segment
from sector_models.scorecards import Scorecard, scorecard
from sector_models.targets import load_targets, target_paths, track_targets
from sector_models.totals import combine, sector_indicators

__all__ = [
    "Activity",
    "Adoption",
    "Affected",
    "Case",
    "Consequence",
    "Covered",
    "Economy",
    "Parameter",
    "Scorecard",
    "Sector",
    "SectorError",
    "Segment",
    "Source",
    "UseCase",
    "account_provenance",
    "actual_reduction",
    "adopt",
    "case",
    "case_sources",
    "cases",
    "combine",
    "data_centre",
    "data_centre_check",
    "economy_saving",
    "ei",
    "ewaste_recycling",
    "ict_footprint",
    "joint_saving",
    "lmdi",
    "load",
    "load_economy",
    "load_targets",
    "names",
    "ner",
    "provenance",
    "run",
    "saving_potential",
    "scorecard",
    "scorecard_names",
    "scorecard_template",
    "sector_indicators",
    "segment_shares",
    "shapley",
    "sources",
    "target_paths",
    "track_targets",
    "vei",
]
