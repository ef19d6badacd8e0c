"""The sample district: an invented place whose departments keep the same people in different ways.

One call makes it: who lives there, in which households and homes, who runs which company, and what
two dozen tables of fourteen organizations say about them, mistakes included, with the truth beside.
Deterministic by seed; nobody and nothing in it is real.
"""

from jingwei.sample.rates import COMPANY_RATES, RATES, CompanyRates, ErrorRates
from jingwei.sample.service import LEAST, MOST, SampleReport, make

__all__ = ["COMPANY_RATES", "LEAST", "MOST", "RATES", "CompanyRates", "ErrorRates", "SampleReport", "make"]
